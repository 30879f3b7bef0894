# Turns unicode_fold.txt into tables of C:
#
#   crm_unicode_classes   ranges, for crm_code_range(): the combining class, or
#                         CRM_CODE_REFUSED
#   crm_decompositions    sorted by code point
#   crm_compositions      those that compose, sorted by the pair: their places in
#                         crm_decompositions
#   crm_folds             sorted runs, and crm_fold_texts for those of more than
#                         one code point

BEGIN {
	FS = "\t"
	REFUSED = 255
	limit = hex("110000")
	n_ranges = n_decompositions = n_compositions = n_folds = n_texts = 0
}

# Sorts order[1..n], numbers of items, by first_key and second_key of the item.
function sort(order, n, first_key, second_key,	gap, i, j, item)
{
	for (gap = int(n / 2); gap > 0; gap = int(gap / 2))
		for (i = gap + 1; i <= n; i++) {
			item = order[i]
			for (j = i; j > gap && (first_key[order[j - gap]] > first_key[item] || first_key[order[j - gap]] == first_key[item] && second_key[order[j - gap]] > second_key[item]); j -= gap)
				order[j] = order[j - gap]
			order[j] = item
		}
}

$1 == "#version" { version = $2 }
/^#/ { next }

$1 == "class" || $1 == "refuse" {
	read_range($2)
	n_ranges++
	range_start[n_ranges] = FROM
	range_end[n_ranges] = TO
	range_value[n_ranges] = $1 == "class" ? $3 : REFUSED
	range_order[n_ranges] = n_ranges
}

$1 == "compose" || $1 == "decompose" {
	n_parts = split($3, parts, " ")
	whole[n_decompositions] = hex($2)
	left[n_decompositions] = hex(parts[1])
	right[n_decompositions] = n_parts == 2 ? hex(parts[2]) : 0
	if ($1 == "compose")
		composition_order[++n_compositions] = n_decompositions
	n_decompositions++
}

$1 == "fold" {
	read_range($2)
	n_to = split($3, to, " ")
	target = hex(to[1])
	if (n_to > 1) {
		target = n_texts
		for (i = 1; i <= n_to; i++)
			text[n_texts++] = hex(to[i])
	}
	fold[++n_folds] = sprintf("{0x%04X, %d, %d, %d, %d}", FROM, (TO - FROM) / STEP + 1, STEP, n_to, target)
}

function print_items(items, from, end,	i)
{
	for (i = from; i <= end; i++)
		printf "\t%s%s\n", items[i], i < end ? "," : ""
	print "};"
}

END {
	print "/* Made from unicode_fold.txt; do not edit. */"
	printf "#define CRM_UNICODE_FOLD_VERSION \"%s\"\n", version

	print "static const uint32_t crm_unicode_classes[] = {"
	sort(range_order, n_ranges, range_start, range_start)
	expected = 0
	for (i = 1; i <= n_ranges; i++) {
		r = range_order[i]
		if (range_start[r] > expected)
			printf "\t0x%04Xu << 8,\n", expected
		printf "\t0x%04Xu << 8 | %d,\n", range_start[r], range_value[r]
		expected = range_end[r] + 1
	}
	printf "\t0x%04Xu << 8 | %d\n};\n", limit, REFUSED

	print "static const CrmDecomposition crm_decompositions[] = {"
	for (i = 0; i < n_decompositions; i++)
		item[i] = sprintf("{0x%04X, 0x%04X, 0x%04X}", whole[i], left[i], right[i])
	print_items(item, 0, n_decompositions - 1)

	print "static const uint16_t crm_compositions[] = {"
	sort(composition_order, n_compositions, left, right)
	print_items(composition_order, 1, n_compositions)

	print "static const CrmCodeMap crm_folds[] = {"
	print_items(fold, 1, n_folds)
	print "static const int32_t crm_fold_texts[] = {"
	print_items(text, 0, n_texts - 1)
}
