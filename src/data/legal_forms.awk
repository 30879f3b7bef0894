# Makes the legal forms a hash table of their spellings: the keys of a bucket
# stand together, and where each bucket begins.  Spellings beyond ASCII are a
# short list of their own, since not every awk knows bytes.
BEGIN {
	FS = "\t"
	# the bits of a bucket's number, their power of two, and that of the others
	BITS = 9
	BUCKETS = 512
	SHIFT = 8388608
	flag["end"] = 1
	flag["start"] = 2
	flag["both"] = 3
	flag["dotted"] = 4
	flag["cyrillic"] = 8
	flag["quoted"] = 16
	flag["attached"] = 32
	flag["paired"] = 64
	forms_length = keys_length = count = longest = foreign = 0
}

# The place of a form's name in the string of names.
function form_place(name) {
	if (!(name in place)) {
		place[name] = forms_length
		forms = forms "\t\"" name "\\0\"\n"
		forms_length += length(name) + 1
	}
	return place[name]
}

function add_foreign(key, where, form) {
	scripts = scripts "\tSCRIPT_FORM(\"" key "\", " where ", " form "),\n"
	foreign++
}

# A bit per length of the first word of what may begin a name, for each letter.
function add_start(key,    word, bit, i) {
	word = key
	sub(/ .*/, "", word)
	bit = 1
	for (i = length(word); i > 0; i--)
		bit *= 2
	if (!((substr(key, 1, 1), bit) in started)) {
		started[substr(key, 1, 1), bit] = 1
		starts[substr(key, 1, 1)] += bit
	}
}

function add(key, where, form,    b) {
	keys = keys "\t\"" key "\"\n"
	b = int(hash(key) / SHIFT)
	bucket[b] = bucket[b] "\t{" keys_length ", " form ", " length(key) ", " where "},\n"
	size[b]++
	keys_length += length(key)
	count++
	if (where != flag["end"] && where != flag["dotted"])
		add_start(key)
	if (length(key) > longest)
		longest = length(key)
}

/^#version\t/ { version = $2; next }
/^#/ || /^$/ { next }
NF != 4 { fail("not four fields") }
!($2 in flag) { fail("where is " $2) }
$1 !~ /^[a-z][-a-z0-9.& ]*$/ { fail("no name of a form: " $1) }
{
	n = split($4, spelling, "|")
	for (i = 1; i <= n; i++) {
		key = spelling[i]
		if (key == "" || key ~ /[A-Z]/ || key ~ /^ / || key ~ / $/ || key ~ /  /)
			fail("no spelling: " key)
		if ($2 == "paired" && key !~ /^[a-z0-9]+ [a-z0-9]+$/)
			fail("not two words: " key)
		# "both" is taken where "start" or "end" is
		part = $2 == "both" ? "end" : $2
		if ((key, part) in seen || ($2 == "both" && (key, "start") in seen))
			fail("twice: " key)
		seen[key, part] = 1
		if ($2 == "both")
			seen[key, "start"] = 1
		if (key ~ /^[a-z0-9 ]+$/)
			add(key, flag[$2], form_place($1))
		else
			add_foreign(key, flag[$2], form_place($1))
	}
}

END {
	if (failed)
		exit 1
	if (version == "" || count == 0) {
		print FILENAME ": no version or no forms" > "/dev/stderr"
		exit 1
	}
	printf "#define LEGAL_FORMS_VERSION \"%s\"\n", version
	printf "#define LEGAL_FORMS_BITS %d\n", BITS
	printf "#define LEGAL_FORMS_LONGEST %d\n\n", longest
	print "static const char legal_form_names[] =\n" forms "\t\"\";\n"
	print "static const char legal_form_keys[] =\n" keys "\t\"\";\n"
	print "static const struct LegalFormKey legal_form_entries[] = {"
	for (b = 0; b < BUCKETS; b++)
		if (b in size)
			printf "%s", bucket[b]
	print "};\n"
	print "/* where each bucket begins; the last is the end of all */"
	print "static const uint16_t legal_form_buckets[] = {"
	at = 0
	for (b = 0; b < BUCKETS; b++) {
		printf "%d,%s", at, (b % 16 == 15 ? "\n" : " ")
		at += size[b]
	}
	print at "\n};\n"
	print "/* bit n: a form at the start begins with a word of n letters, the first an a, b, ... */"
	print "static const uint32_t legal_form_starts[26] = {"
	for (i = 1; i <= 26; i++)
		printf "%d,%s", starts[substr(LETTERS, i, 1)], (i == 26 ? "\n" : " ")
	print "};\n"
	print "static const struct ScriptForm script_forms[] = {\n" scripts "};"
}
