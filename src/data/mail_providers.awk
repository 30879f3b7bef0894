# Turns mail_providers.txt into crm_mail_providers[], sorted by domain.

BEGIN {
	FS = "\t"
	last = ""
}

$1 == "#version" {
	version = $2
	print "/* Made from mail_providers.txt; do not edit. */"
	printf "#define CRM_MAIL_PROVIDERS_VERSION \"%s\"\n", $2
	print "static const CrmMailProvider crm_mail_providers[] = {"
}
/^#/ { next }

{
	if (NF != 5 || $1 "" <= last "")
		fail("is out of order or not of five fields")
	# the widths of CrmMailProvider, with the byte 0
	if (length($1) > 19 || length($2) > 19 || length($3) != 1 || ($4 != "none" && length($4) > 3))
		fail("has a field that is too long")
	if ($5 != "-" && $5 != "subdomains")
		fail("does not end in - or subdomains")
	last = $1
	printf "\t{\"%s\", \"%s\", '%s', \"%s\", %d},\n", $1, $2, $3, $4 == "none" ? "" : $4, $5 == "subdomains"
	lines++
}

END {
	if (failed)
		exit 1
	if (version == "")
		fail("is the last, and none is #version")
	print "};"
	printf "#define CRM_MAIL_PROVIDER_COUNT %d\n", lines
}
