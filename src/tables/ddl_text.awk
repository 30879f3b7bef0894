# Turns each SQL file into a C string named after it: deals.sql -> sql_deals.
FNR == 1 {
	if (NR > 1)
		print "\"\";\n"
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.sql$/, "", name)
	gsub(/[^A-Za-z0-9]/, "_", name)
	print "static const char sql_" name "[] ="
}
{
	gsub(/\\/, "&&")
	gsub(/"/, "\\\"")
	print "\"" $0 "\\n\""
}
END {
	print "\"\";"
}
