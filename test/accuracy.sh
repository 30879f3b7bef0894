#!/bin/bash
# Measures how well duplicates are found, on files of contacts whose true groups
# are known, in a PostgreSQL server of its own. Prints precision, recall and F1 of
# pairs within groups, of all true pairs; judges nothing.
#
#   bash test/accuracy.sh                      all files but the largest
#   bash test/accuracy.sh febrl3 contacts_1m   these
#
#   CRM_ACCURACY_DATA   the folder of the files (../shared/data/duplicates beside
#                       the checkout): NAME.csv.gz with a header, among its columns
#                       id and cluster, the true group
#   PG_CONFIG           the PostgreSQL installation

# shellcheck source=test/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

DATA=${CRM_ACCURACY_DATA:-$TOP/../shared/data/duplicates}

# Takes minutes for each threshold: only when it is asked for.
LARGEST=contacts_1m

files_of_data() {
	local file
	for file in "$DATA"/*.csv.gz; do
		file=${file##*/}
		file=${file%.csv.gz}
		[ "$file" = "$LARGEST" ] || say "$file"
	done
}

# The release build: assertions cost time.
start_accuracy_server() {
	copy_tree src
	if ! as_user make -C src -j"$(nproc)" PG_CONFIG="$PG_CONFIG" >"$WORK/build.log" 2>&1 ||
		! install_with_make -C "$WORK/src" >>"$WORK/build.log" 2>&1; then
		tail -n 30 "$WORK/build.log" >&2
		die "the build failed"
	fi
	init_server "$WORK"
	server_start "$WORK"
	server_psql "$WORK" -d postgres -c 'CREATE DATABASE accuracy'
	accuracy_psql -c 'CREATE EXTENSION crm' -f src/test/accuracy/matching.sql
}

accuracy_psql() {
	server_psql "$WORK" -d accuracy -v ON_ERROR_STOP=1 "$@"
}

# A table of text columns, named as the file.
load_file() {
	local name=$1 columns
	columns=$(zcat "$DATA/$name.csv.gz" | sed -n '1{s/\r$//;s/,/" text, "/g;p;}')
	accuracy_psql -c "CREATE TABLE \"$name\" (\"$columns\" text)"
	zcat "$DATA/$name.csv.gz" | accuracy_psql -c "\\copy \"$name\" FROM STDIN CSV HEADER"
	accuracy_psql -c "ANALYZE \"$name\""
}

finish() {
	[ ! -d "$WORK/data" ] || server_stop "$WORK"
	rm -rf "$WORK"
}

if [ ! -d "$DATA" ]; then
	say "nothing measured: there is no folder $DATA; CRM_ACCURACY_DATA names another"
	exit 0
fi
[ $# -gt 0 ] || mapfile -t -O 0 FILES < <(files_of_data)
[ $# -eq 0 ] || FILES=("$@")
for name in "${FILES[@]}"; do
	if ! [[ $name =~ ^[a-z0-9_]+$ ]] || [ ! -f "$DATA/$name.csv.gz" ]; then
		die "no such file: $DATA/$name.csv.gz"
	fi
done

need_server
choose_account
make_work accuracy
trap finish EXIT
trap 'exit 130' INT TERM HUP

start_accuracy_server
accuracy_psql -At -c "SELECT heading FROM accuracy_heading"
for name in "${FILES[@]}"; do
	load_file "$name"
	accuracy_psql -At -c "SELECT accuracy_line('$name')"
done
