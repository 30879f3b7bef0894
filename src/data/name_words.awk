# Makes name_words_table.h of name_words.txt: the words in order, each with its
# kinds, CRM_WORD_X of name_words.h.

BEGIN {
	FS = "\t"
	KINDS = "honorific dotted familiar title article suffix capitals late particle " \
		"inner leading joiner given devout born ignored"
	n = split(KINDS, parts, " ")
	for (i = 1; i <= n; i++)
		is_kind[parts[i]] = 1
	LONGEST = 15
	words = 0
	endings = 0
}

$1 == "#version" { version = $2; next }
/^#/ || /^$/ { next }

$1 == "ending" {
	n = split($2, parts, " ")
	for (i = 1; i <= n; i++)
		ending[endings++] = parts[i]
	next
}

{
	if (NF != 2 || !($1 in is_kind))
		fail("not a kind and its words")
	n = split($2, parts, " ")
	for (i = 1; i <= n; i++) {
		if (parts[i] ~ /[A-Z.,'-]/ || length(parts[i]) > LONGEST)
			fail("no word: " parts[i])
		if ((parts[i], $1) in seen)
			fail("twice: " parts[i])
		seen[parts[i], $1] = 1
		if (parts[i] in kinds)
			kinds[parts[i]] = kinds[parts[i]] " | CRM_WORD_" toupper($1)
		else {
			kinds[parts[i]] = "CRM_WORD_" toupper($1)
			word[words++] = parts[i]
		}
	}
}

END {
	if (failed)
		exit 1
	if (version == "" || words == 0) {
		print FILENAME ": no version or no words" > "/dev/stderr"
		exit 1
	}
	for (i = 1; i < words; i++) {
		t = word[i]
		for (j = i; j > 0 && (word[j - 1] "") > (t ""); j--)
			word[j] = word[j - 1]
		word[j] = t
	}
	print "/* Made of name_words.txt by name_words.awk. */"
	print "#define NAME_WORDS_VERSION \"" version "\""
	print "#define NAME_WORDS_COUNT " words
	print "#define NAME_WORDS_LONGEST " LONGEST
	print "static const struct\n{\n\tchar\t\tword[" LONGEST + 1 "];\n\tuint16_t\tkinds;\n}\t\t\tname_words[NAME_WORDS_COUNT] = {"
	for (i = 0; i < words; i++)
		print "\t{\"" word[i] "\", " kinds[word[i]] "},"
	print "};"
	print "static const char name_endings[" endings "][" LONGEST + 1 "] = {"
	for (i = 0; i < endings; i++)
		print "\t\"" ending[i] "\","
	print "};"
}
