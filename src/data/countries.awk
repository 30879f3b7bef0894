# Makes tables of C out of countries.txt: the names, sorted, as one string of
# bytes with the places where they begin and the countries they stand for, and
# the countries with their calling codes.

BEGIN { FS = "\t" }

# As country.c folds what people write; letters beyond ASCII are written folded.
function folded(name)
{
	name = tolower(name)
	sub(/^the /, "", name)
	gsub(/&/, "and", name)
	gsub(/[^a-z0-9\200-\377]/, "", name)
	return name
}

function add_name(name, region)
{
	name = folded(name)
	if (name == "")
		fail("an empty name")
	if (length(name) > 63)
		fail("longer than country.c reads: " name)
	if (name in region_of) {
		if (region_of[name] != region)
			fail("\"" name "\" is also a name of " region_of[name])
		return
	}
	region_of[name] = region
	names[++count] = name
}

# Shell's sort: awk has none of its own.
function sort_names(gap, i, j, name)
{
	for (gap = int(count / 2); gap > 0; gap = int(gap / 2))
		for (i = gap + 1; i <= count; i++) {
			name = names[i]
			for (j = i; j > gap && names[j - gap] "" > name ""; j -= gap)
				names[j] = names[j - gap]
			names[j] = name
		}
}

$1 == "#version" { version = $2; next }
/^#/ || /^$/ { next }
$1 !~ /^[A-Z][A-Z]$/ || $2 !~ /^[A-Z][A-Z][A-Z]$/ || $3 !~ /^(-|[1-9][0-9]*)$/ || $4 == "" || NF > 5 {
	fail("not the codes of a country, its calling code and its names")
}
{
	regions[++countries] = $1
	calling_code[countries] = $3 + 0
	add_name($1, $1)
	add_name($2, $1)
	add_name($4, $1)
	n = split($5, others, /; /)
	for (i = 1; i <= n; i++)
		add_name(others[i], $1)
}

END {
	if (failed)
		exit 1
	if (version == "")
		fail("no line of #version")
	sort_names()
	print "/* made by countries.awk: edit countries.txt instead */"
	print "#define CRM_COUNTRIES_VERSION \"" version "\"\n"
	print "static const char country_names[] ="
	bytes = 1
	for (i = 1; i <= count; i++) {
		printf "\t\"%s\\0\"%s\n", names[i], (i == count ? ";" : "")
		start[i] = bytes - 1
		bytes += length(names[i]) + 1
	}
	# an awk that counts characters would be found out here
	print "\ntypedef char country_names_are_bytes[sizeof(country_names) == " bytes " ? 1 : -1];\n"
	print "static const struct\n{\n\tunsigned short start;\n\tchar\t\tregion[3];\n} country_name_index[" count "] = {"
	for (i = 1; i <= count; i++)
		printf "\t{%d, \"%s\"},\n", start[i], region_of[names[i]]
	print "};\n"
	print "static const struct\n{\n\tunsigned short calling_code;\n\tchar\t\tregion[3];\n} country_codes[" countries "] = {"
	for (i = 1; i <= countries; i++)
		printf "\t{%d, \"%s\"},\n", calling_code[i], regions[i]
	print "};"
}
