# Turns domain_chars.txt into tables of C:
#
#   crm_domain_classes   ranges, for crm_code_range(): bidirectional class, plus
#                        16 times the joining type, plus 128 for a mark; 0 is no
#                        valid character
#   crm_domain_maps      sorted runs, and crm_domain_texts for those that become
#                        other than one code point
#
# The numbers of the classes are those of the enums in domain_name.c.

BEGIN {
	FS = "\t"
	split("L R AL AN EN ES CS ET ON BN NSM", names, " ")
	for (i in names)
		direction[names[i]] = i
	split("U C D L R T", names, " ")
	for (i in names)
		joining[names[i]] = i - 1
	limit = hex("110000")
	expected = 0
	n_ranges = n_maps = n_texts = 0
}

function add_map(n_to, target)
{
	n_maps++
	map[n_maps] = sprintf("{0x%04X, %d, %d, %d, %d}", FROM, (TO - FROM) / STEP + 1, STEP, n_to, target)
	map_start[n_maps] = FROM
	map_order[n_maps] = n_maps
}

$1 == "#version" { version = $2 }
/^#/ { next }

# sorted by code point in the file
$1 == "valid" {
	read_range($2)
	if (FROM > expected)
		range[++n_ranges] = sprintf("0x%04Xu << 8", expected)
	range[++n_ranges] = sprintf("0x%04Xu << 8 | %d", FROM, direction[$3] + 16 * joining[$4] + ($5 == "mark" ? 128 : 0))
	expected = TO + 1
}

$1 == "ignore" {
	read_range($2)
	add_map(0, 0)
}

$1 == "map" {
	read_range($2)
	n_to = split($3, to, " ")
	target = hex(to[1])
	if (n_to > 1) {
		if (!($3 in text_place)) {
			text_place[$3] = n_texts
			for (i = 1; i <= n_to; i++)
				text[++n_texts] = hex(to[i])
		}
		target = text_place[$3]
	}
	add_map(n_to, target)
}

# Shell sort of order[1..n], numbers of items, by the key of the item
function sort(order, n, key,	gap, i, j, item)
{
	for (gap = int(n / 2); gap > 0; gap = int(gap / 2))
		for (i = gap + 1; i <= n; i++) {
			item = order[i]
			for (j = i; j > gap && key[order[j - gap]] > key[item]; j -= gap)
				order[j] = order[j - gap]
			order[j] = item
		}
}

function print_items(items, n,	i)
{
	for (i = 1; i <= n; i++)
		printf "\t%s%s\n", items[i], i < n ? "," : ""
	print "};"
}

END {
	print "/* Made from domain_chars.txt; do not edit. */"
	printf "#define CRM_DOMAIN_CHARS_VERSION \"%s\"\n", version

	range[++n_ranges] = sprintf("0x%04Xu << 8", expected)
	print "static const uint32_t crm_domain_classes[] = {"
	print_items(range, n_ranges)

	sort(map_order, n_maps, map_start)
	for (i = 1; i <= n_maps; i++)
		sorted[i] = map[map_order[i]]
	print "static const CrmCodeMap crm_domain_maps[] = {"
	print_items(sorted, n_maps)
	print "static const int32_t crm_domain_texts[] = {"
	print_items(text, n_texts)
}
