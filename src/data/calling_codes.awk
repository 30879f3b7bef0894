# Makes tables of C out of calling_codes.txt: for every calling code a set of
# lengths, as bits, and the trunk prefix.

BEGIN { FS = "\t" }

# "8,10-11" as bits 8, 10 and 11
function length_bits(list, parts, n, i, ends, from, to, digits, bit, bits)
{
	n = split(list, parts, ",")
	bits = 0
	for (i = 1; i <= n; i++) {
		to = split(parts[i], ends, "-")
		from = ends[1] + 0
		to = ends[to] + 0
		if (from < 1 || to < from || to > 15)
			fail("lengths are 1 to 15: " list)
		bit = 1
		for (digits = 1; digits <= to; digits++) {
			bit *= 2
			if (digits >= from)
				bits += bit
		}
	}
	return bits
}

$1 == "#version" { version = $2; next }
/^#/ || /^$/ { next }
NF != 3 || $1 !~ /^[1-9][0-9]?[0-9]?$/ || $3 !~ /^(-|[0-9][0-9]?)$/ {
	fail("not a calling code, lengths and a trunk prefix")
}
($1 + 0) in lengths { fail("calling code " $1 " is there twice") }
{
	lengths[$1 + 0] = length_bits($2)
	trunk[$1 + 0] = $3 == "-" ? "" : $3
}

END {
	if (failed)
		exit 1
	if (version == "")
		fail("no line of #version")
	print "/* made by calling_codes.awk: edit calling_codes.txt instead */"
	print "#define CRM_CALLING_CODES_VERSION \"" version "\"\n"
	print "static const struct\n{\n\tunsigned short lengths;\t\t/* bit n: n digits */"
	print "\tchar\t\ttrunk[4];\n} calling_codes[1000] = {"
	for (code = 1; code < 1000; code++)
		if (code in lengths)
			printf "\t[%d] = {%d, \"%s\"},\n", code, lengths[code], trunk[code]
	print "};"
}
