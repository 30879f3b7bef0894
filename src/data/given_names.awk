# Makes given_names_table.h of given_names.txt: names in the buckets of a hash
# table, the lines that each name is on, and the names that are on each line.

BEGIN {
	FS = "\t"
	BITS = 12
	BUCKETS = 4096
	SHIFT = 4294967296 / BUCKETS
	lines = 0
	members = 0
}

# Adds a name to the line that is read, with its weight in hundredths.
function add(name, weight,    b) {
	if (name !~ /^[a-z]+( [a-z]+)*$/)
		fail("not as names are folded: " name)
	if ((lines, name) in seen)
		fail("twice on a line: " name)
	seen[lines, name] = 1
	if (!(name in bucket_of)) {
		b = int(hash(name) / SHIFT)
		bucket_of[name] = b
		bucket[b] = bucket[b] == "" ? name : bucket[b] "|" name
	}
	member_name[members] = name
	member_weight[members] = weight
	members++
	links_of[name]++
	on_lines[name] = on_lines[name] (links_of[name] > 1 ? "," : "") lines ":" weight
}

$1 == "#version" { version = $2; next }
/^#/ || /^$/ { next }

{
	if (NF < 3 || $2 !~ /^(int|[a-z][a-z])$/)
		fail("not a name, its language and its variants")
	starts[lines] = members
	add($1, 100)
	for (f = 3; f <= NF; f++) {
		n = split($f, words, " ")
		if (n < 2 || words[1] !~ /^0\.[0-9][0-9]?$/ || words[1] < 0.3)
			fail("not a weight and names: " $f)
		for (i = 2; i <= n; i++) {
			gsub("_", " ", words[i])
			add(words[i], int(words[1] * 100 + 0.5))
		}
	}
	lines++
}

function put_numbers(name, count, numbers,    i) {
	print "static const uint16_t " name "[] = {"
	for (i = 0; i < count; i++)
		printf "%d,%s", numbers[i], (i % 16 == 15 || i == count - 1) ? "\n" : " "
	print "};"
}

END {
	if (failed)
		exit 1
	if (version == "" || lines == 0) {
		print FILENAME ": no version or no names" > "/dev/stderr"
		exit 1
	}
	starts[lines] = members

	print "/* Made of given_names.txt by given_names.awk. */"
	print "#define GIVEN_NAMES_VERSION \"" version "\""
	print "#define GIVEN_NAMES_BITS " BITS
	count = 0
	at = 0
	links = 0
	print "static const char given_names_text[] ="
	for (b = 0; b < BUCKETS; b++) {
		buckets[b] = count
		n = split(bucket[b], names, "|")
		for (i = 1; i <= n; i++) {
			print "\t\"" names[i] "\""
			number[names[i]] = count
			name_at[count] = at
			link_at[count] = links
			at += length(names[i])
			links += links_of[names[i]]
			ordered[count] = names[i]
			count++
		}
	}
	print "\t\"\";"
	buckets[b] = count
	name_at[count] = at
	link_at[count] = links
	if (at > 65535 || links > 65535) {
		print FILENAME ": too many names" > "/dev/stderr"
		exit 1
	}
	print "#define GIVEN_NAMES_COUNT " count
	print "/* where each bucket begins; the last is the end of all, as below */"
	put_numbers("given_names_buckets", BUCKETS + 1, buckets)
	put_numbers("given_names_at", count + 1, name_at)
	put_numbers("given_names_links_at", count + 1, link_at)
	put_numbers("given_names_lines_at", lines + 1, starts)

	print "/* the lines of each name, ascending */"
	print "static const struct GivenNameLink given_names_links[] = {"
	for (i = 0; i < count; i++) {
		n = split(on_lines[ordered[i]], parts, ",")
		for (j = 1; j <= n; j++) {
			split(parts[j], pair, ":")
			printf "\t{%d, %d},\n", pair[1], pair[2]
		}
	}
	print "};"
	print "/* the names on each line */"
	print "static const struct GivenNameLink given_names_members[] = {"
	for (i = 0; i < members; i++)
		printf "\t{%d, %d},\n", number[member_name[i]], member_weight[i]
	print "};"
}
