# Turns the times of one group of queries into rows of the table.
#
# First file: the group's queries, below lines
#	--: key | label | key of the hand-written query | key of the sum | target
# of which the last three may be missing; the sum is then that of key "sum", and
# "-" for none.  Second file: psql's messages, marks "@ round key" and the server's
# "! 0.1 s user, 0.1 s system, 0.2 s elapsed".  Round 0 does not count.
#
# A line "--= key | label | other key" shows a time once more, beside another.
#
# Where "calls" is set, each query calls something so many times (or as often as a
# sixth part of its line says), and what one call takes more than the base is shown
# in place of the ratio, in nanoseconds.
#
# clock is "cpu" or "elapsed"; title heads the group, and base_title the
# ratios where what they are formed with is no sum.

function trim(text) {
	gsub(/^ +| +$/, "", text)
	return text
}

# The median of the n values of list, which it sorts.
function median(list, n,    i, j, value) {
	for (i = 2; i <= n; i++) {
		value = list[i]
		for (j = i - 1; j >= 1 && list[j] > value; j--)
			list[j + 1] = list[j]
		list[j + 1] = value
	}
	return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

# The median over all rounds of the time of a, divided by that of b if given.
function figure(a, b,    round, list) {
	for (round = 1; round <= rounds; round++)
		list[round] = b == "" ? ms[a, round] : ms[a, round] / ms[b, round]
	return median(list, rounds)
}

# The median over all rounds of what a takes more than b, in ns for each call.
function cost(a, b, number,    round, list) {
	for (round = 1; round <= rounds; round++)
		list[round] = 1000000 * (ms[a, round] - ms[b, round]) / number
	return median(list, rounds)
}

function compared(i) {
	if (base[i] == "-")
		return ""
	if (calls)
		return sprintf("%.0f", cost(key[i], base[i], number[i] ? number[i] : calls))
	return sprintf("%.2f", figure(key[i], base[i]))
}

FNR == NR && /^--[:=] / {
	n++
	split(substr($0, 5), part, "|")
	key[n] = trim(part[1])
	label[n] = trim(part[2])
	against[n] = trim(part[3])
	by_hand = by_hand || against[n] != ""
	base[n] = trim(part[4]) == "" ? "sum" : trim(part[4])
	target[n] = trim(part[5])
	number[n] = trim(part[6])
	next
}
FNR == NR { next }

/^@ / { round = $2; running = $3; next }

# The first such line after a mark is the query's own.
/! *\t?[0-9.]+ s user/ && running != "" {
	sub(/^.*!/, "")
	ms[running, round] = 1000 * (clock == "elapsed" ? $7 : $1 + $4)
	if (round > rounds)
		rounds = round
	running = ""
}

END {
	printf "\n%-66s %8s %8s %8s\n", title, clock == "elapsed" ? "elapsed" : "cpu", "", by_hand ? "times" : ""
	printf "%-66s %8s %8s %8s\n", "", "ms", calls ? "ns/call" : "/ " (base_title == "" ? "sum" : base_title), by_hand ? "faster" : ""
	for (i = 1; i <= n; i++) {
		printf "  %-64s %8.1f %8s", label[i], figure(key[i], ""), compared(i)
		if (against[i] != "")
			printf " %8.2f", figure(against[i], key[i])
		print target[i] == "" ? "" : "  " target[i]
	}
}
