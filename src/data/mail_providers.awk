# Turns mail_providers.txt into crm_mail_providers[], sorted by domain.

BEGIN {
	FS = "\t"
	last = ""
}

$1 == "#version" {
	print "/* Made from mail_providers.txt; do not edit. */"
	printf "#define CRM_MAIL_PROVIDERS_VERSION \"%s\"\n", $2
	print "static const CrmMailProvider crm_mail_providers[] = {"
}
/^#/ { next }

{
	if (NF != 5 || $1 "" <= last "") {
		print "mail_providers.txt: line " NR " is out of order or not of five fields" > "/dev/stderr"
		exit 1
	}
	last = $1
	printf "\t{\"%s\", \"%s\", '%s', \"%s\", %d},\n", $1, $2, $3, $4 == "none" ? "" : $4, $5 == "subdomains"
	lines++
}

END {
	print "};"
	printf "#define CRM_MAIL_PROVIDER_COUNT %d\n", lines
}
