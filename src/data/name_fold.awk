# Makes name_fold_table.h of name_fold.txt: a table of two stages, blocks of 64
# code points that are stored once where they are equal, and the strings that
# code points become.

function octal(byte) {
	return sprintf("\\%03o", byte)
}

# UTF-8 of a code point as a string of C; adds its length to bytes.
function utf8(c) {
	if (c < 2048) {
		bytes += 2
		return octal(192 + int(c / 64)) octal(128 + c % 64)
	}
	if (c < 65536) {
		bytes += 3
		return octal(224 + int(c / 4096)) octal(128 + int(c / 64) % 64) octal(128 + c % 64)
	}
	bytes += 4
	return octal(240 + int(c / 262144)) octal(128 + int(c / 4096) % 64) \
		octal(128 + int(c / 64) % 64) octal(128 + c % 64)
}

# Offset of a result in the pool; its length goes before it.
function pooled(result,   parts, n, i, text) {
	if (result in offset)
		return offset[result]
	bytes = 0
	text = ""
	if (result ~ /^U\+/) {
		n = split(substr(result, 3), parts, /U\+/)
		for (i = 1; i <= n; i++)
			text = text utf8(hex(parts[i]))
	} else {
		if (result !~ /^[a-z0-9]+$/)
			fail("neither letters nor code points: " result)
		bytes = length(result)
		text = result
	}
	pool = pool "\n\t\"" octal(bytes) "\" \"" text "\""
	size[result] = bytes
	offset[result] = pool_size
	pool_size += bytes + 1
	return offset[result]
}

function utf8_length(c) {
	return c < 128 ? 1 : c < 2048 ? 2 : c < 65536 ? 3 : 4
}

BEGIN {
	FS = "\t"
	KEEP = 0; DROP = 1; BLANK = 2; KEEP_JOINING = 3; DROP_JOINING = 4
	pool_size = 8
	pairs = 0
	last = 0
}

$1 == "#version" { version = $2; next }
/^#/ || /^$/ { next }

$1 ~ /\+/ {
	split($1, parts, /\+/)
	letter[pairs] = hex(parts[1])
	mark[pairs] = hex(parts[2])
	joined[pairs] = hex(substr($2, 3))
	joins[hex(parts[2])] = 1
	pairs++
	next
}

{
	n = split($1, parts, /\.\./)
	from = hex(parts[1])
	to = n > 1 ? hex(parts[2]) : from
	if (from < last || to < from)
		fail("not in order")
	last = to + 1
	value = $2 == "-" ? DROP : $2 == "_" ? BLANK : pooled($2)
	if (value >= 8 && size[$2] > 2 * utf8_length(from))
		fail("grows to more than twice its length")
	for (c = from; c <= to; c++)
		entry[c] = value
}

END {
	if (failed)
		exit 1
	if (version == "") {
		print FILENAME ": no #version" > "/dev/stderr"
		exit 1
	}
	for (c in joins)
		entry[c] = ((c in entry) && entry[c] == DROP) ? DROP_JOINING : KEEP_JOINING

	print "/* Made of name_fold.txt by name_fold.awk. */"
	print "#define NAME_FOLD_VERSION \"" version "\""
	print "#define NAME_FOLD_KEEP " KEEP
	print "#define NAME_FOLD_DROP " DROP
	print "#define NAME_FOLD_BLANK " BLANK
	print "#define NAME_FOLD_KEEP_JOINING " KEEP_JOINING
	print "#define NAME_FOLD_DROP_JOINING " DROP_JOINING
	count = int((last + 63) / 64)
	print "#define NAME_FOLD_END " count * 64
	blocks = 0
	first_stage = ""
	second_stage = ""
	for (b = 0; b < count; b++) {
		text = ""
		for (i = 0; i < 64; i++)
			text = text (((b * 64 + i) in entry) ? entry[b * 64 + i] : KEEP) ","
		if (!(text in number)) {
			number[text] = blocks++
			second_stage = second_stage "\t{" text "},\n"
		}
		first_stage = first_stage (b % 16 == 0 ? "\n\t" : "") number[text] ","
	}
	if (pool_size > 65535) {
		print FILENAME ": too many strings" > "/dev/stderr"
		exit 1
	}
	print "static const uint16_t name_fold_blocks[" count "] = {" first_stage "\n};"
	print "static const uint16_t name_fold_entries[" blocks "][64] = {\n" second_stage "};"
	print "static const char name_fold_pool[] =\n\t\"\\0\\0\\0\\0\\0\\0\\0\\0\"" pool ";"

	for (i = 1; i < pairs; i++)
		for (j = i; j > 0 && letter[j - 1] * 2097152 + mark[j - 1] > letter[j] * 2097152 + mark[j]; j--) {
			t = letter[j]; letter[j] = letter[j - 1]; letter[j - 1] = t
			t = mark[j]; mark[j] = mark[j - 1]; mark[j - 1] = t
			t = joined[j]; joined[j] = joined[j - 1]; joined[j - 1] = t
		}
	print "#define NAME_FOLD_PAIRS " pairs
	print "static const struct NameFoldPair\n{\n\tint32_t\t\tletter;\n\tint32_t\t\tmark;\n\tint32_t\t\tjoined;\n}\t\t\tname_fold_pairs[NAME_FOLD_PAIRS] = {"
	for (i = 0; i < pairs; i++)
		print "\t{" letter[i] ", " mark[i] ", " joined[i] "},"
	print "};"
}
