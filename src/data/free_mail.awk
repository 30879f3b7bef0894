# Makes the list of free-mail domains a hash table: the domains of a bucket
# stand together in one string, each ended by a line feed.
BEGIN {
	# the bits of a bucket's number, their power of two, and that of the others
	BITS = 12
	BUCKETS = 4096
	SHIFT = 1048576
	count = 0
}

/^#version\t/ { version = substr($0, 10); next }
/^#/ || /^$/ { next }
{
	domain = $0
	sub(/^=/, "", domain)
	if (domain !~ /^[-a-z0-9.]+\.[a-z][a-z]+$/ || domain ~ /\.\./)
		fail("no domain: " $0)
	if (domain in seen)
		fail("twice: " $0)
	seen[domain] = 1
	b = int(hash(domain) / SHIFT)
	bucket[b] = bucket[b] $0 "\\n"
	size[b] += length($0) + 1
	count++
}

END {
	if (failed)
		exit 1
	if (version == "" || count == 0) {
		print FILENAME ": no version or no domains" > "/dev/stderr"
		exit 1
	}
	printf "#define FREE_MAIL_VERSION \"%s\"\n", version
	printf "#define FREE_MAIL_COUNT %d\n", count
	printf "#define FREE_MAIL_BITS %d\n\n", BITS
	print "static const char free_mail_domains[] ="
	for (b = 0; b < BUCKETS; b++)
		if (b in size)
			print "\t\"" bucket[b] "\""
	print "\t\"\";\n"
	print "/* where each bucket begins; the last is the end of all */"
	print "static const uint32_t free_mail_buckets[] = {"
	at = 0
	for (b = 0; b < BUCKETS; b++) {
		printf "%d,%s", at, (b % 16 == 15 ? "\n" : " ")
		at += size[b]
	}
	print at "\n};"
}
