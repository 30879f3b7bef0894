# What the programs that make tables share; each is run after this one.

BEGIN {
	LETTERS = "abcdefghijklmnopqrstuvwxyz"
	for (i = 1; i <= 26; i++)
		byte_of[substr(LETTERS, i, 1)] = 96 + i
	for (i = 0; i <= 9; i++)
		byte_of[i ""] = 48 + i
	byte_of[" "] = 32
	byte_of["-"] = 45
	byte_of["."] = 46
}

# Ends the program; an END that writes tables looks at "failed".
function fail(message)
{
	print FILENAME ":" FNR ": " message | "cat 1>&2"
	failed = 1
	exit 1
}

# The hash of word_hash.h; numbers stay below 2^53, which every awk holds exactly.
function hash(word,	h, i)
{
	h = 0
	for (i = length(word); i > 0; i--)
		h = ((h + byte_of[substr(word, i, 1)]) * 69069) % 4294967296
	return h
}

function hex(digits,	i, value)
{
	value = 0
	for (i = 1; i <= length(digits); i++)
		value = value * 16 + index("0123456789ABCDEF", substr(digits, i, 1)) - 1
	return value
}

# "0041..005A/2" into FROM, TO and STEP
function read_range(text,	parts)
{
	STEP = sub(/\/2$/, "", text) ? 2 : 1
	FROM = TO = hex(text)
	if (split(text, parts, /\.\./) == 2) {
		FROM = hex(parts[1])
		TO = hex(parts[2])
	}
}
