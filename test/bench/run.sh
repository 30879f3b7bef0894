#!/bin/bash
# Measures the extension against the SQL that people write by hand, on the same
# rows, in a PostgreSQL server of its own.  Prints tables of ratios, with the
# targets beside them where there are any, and judges nothing.
#
#   bash test/bench/run.sh                     all groups of queries
#   bash test/bench/run.sh whole one_owner     these (names of files in test/bench)
#
#   CRM_BENCH_DEALS     millions of deals of the aggregates (10; loading takes
#                       about 5 seconds for each)
#   CRM_BENCH_CONTACTS  thousands of contacts of the timeline, and of deals with a
#                       history (100: 2.6 million events; loading takes 90 seconds)
#   CRM_BENCH_ROUNDS    rounds that count (5); one more runs before them
#   PG_CONFIG           the PostgreSQL installation
#
# Rows are loaded when a group first needs them, each set into a database of its
# own (load_*.sql; a group's file says which it is).
#
# How: the release build, with JIT and autovacuum off, and as much of the table
# in shared buffers as fits.  A group's queries run in turn, A B C A B C, in one
# session; the first round only warms up.  A query's time is the processor time
# of its backend, which the server itself reports (log_statement_stats) and
# which other programs on the machine disturb little.  Groups that say "elapsed"
# count the time on the clock instead, since parallel workers are not in the
# backend's figure.  Groups that say "client" count what a client waits, in blocks
# of 25 calls, six blocks to a round (latency.c).  "ms" is a median; a ratio is the
# median of the ratios of each round, so that a slow minute falls on both sides.

# shellcheck source=test/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

GROUPS_OF_QUERIES=(whole parallel call_forms grouped one_owner window long_values
	timeline timeline_costly timeline_sources timeline_roles history history_row similarity
	values import)
FIGURES=(memory create_tables matching)
MILLIONS=${CRM_BENCH_DEALS:-10}
THOUSANDS=${CRM_BENCH_CONTACTS:-100}
ROUNDS=${CRM_BENCH_ROUNDS:-5}
BENCH=$TOP/test/bench

# 3 GB, or a quarter of a smaller memory.
shared_buffers() {
	awk '/^MemTotal:/ { mb = int($2 / 4096); print (mb < 3072 ? mb : 3072) "MB" }' /proc/meminfo
}

tune_server() {
	as_user tee -a "$WORK/data/postgresql.conf" >/dev/null <<-CONF
		shared_buffers = $(shared_buffers)
		wal_level = minimal
		max_wal_senders = 0
		max_wal_size = 16GB
		checkpoint_timeout = 1h
		autovacuum = off
		jit = off
		work_mem = 64MB
		maintenance_work_mem = 512MB
		max_parallel_workers_per_gather = 0
		random_page_cost = 1.1
	CONF
}

# Built with the packager's flags: the assertions of test/check.sh cost time.
start_bench_server() {
	copy_tree src
	if ! as_user make -C src -j"$(nproc)" PG_CONFIG="$PG_CONFIG" >"$WORK/build.log" 2>&1 ||
		! install_with_make -C "$WORK/src" >>"$WORK/build.log" 2>&1; then
		tail -n 30 "$WORK/build.log" >&2
		die "the build failed"
	fi
	# libpq comes with the server's headers
	as_user cc -O2 -o latency src/test/bench/latency.c -I"$("$PG_CONFIG" --includedir)" \
		-L"$("$PG_CONFIG" --libdir)" -Wl,-rpath,"$("$PG_CONFIG" --libdir)" -lpq
	init_server "$WORK"
	tune_server
	server_start "$WORK"
}

# What a group's file says about itself: "--! clock: elapsed".
setting_of() {
	sed -n "s/^--! $2: //p" "$BENCH/$1.sql"
}

# The database with the rows that a group reads.
data_of() {
	local data
	data=$(setting_of "$1" data)
	echo "${data:-deals}"
}

bench_psql() {
	local database=$1
	shift
	server_psql "$WORK" -d "$database" -v millions="$MILLIONS" -v rounds="$ROUNDS" \
		-v contacts="${THOUSANDS}000" "$@"
}

need_data() {
	local data=$1
	[ -z "${LOADED[$data]:-}" ] || return 0
	LOADED[$data]=yes
	case $data in
	deals) say "loading $MILLIONS million deals" ;;
	timeline) say "loading the events of $THOUSANDS,000 contacts" ;;
	history) say "loading $THOUSANDS,000 deals with and without history" ;;
	esac
	server_psql "$WORK" -d postgres -c "CREATE DATABASE $data"
	bench_psql "$data" -c 'CREATE EXTENSION crm'
	[ "$data" = none ] || bench_psql "$data" -f "src/test/bench/load_$data.sql"
	[ ! -f "$BENCH/conditions_$data.sql" ] || bench_psql "$data" -At -f "src/test/bench/conditions_$data.sql"
}

# A psql script that runs the queries of a group in turn and marks each of them.
# A file is settings first, and then queries below lines "--: key | label | key
# of the query to compare with".  A line "--@ each: SQL" below that is run before
# the query each time, unmeasured; of the query's own lines only the first
# statement is.
script_of() {
	awk -v rounds="$ROUNDS" '
		/^--: /  { key[++n] = $2; next }
		/^--= /  { next }
		/^--@ each: / { first[n] = first[n] substr($0, 11) ";\n"; next }
		n == 0   { print; next }
		         { query[n] = query[n] $0 "\n" }
		END {
			print "\\o /dev/null"
			print "SET client_min_messages = log;\nSET log_statement_stats = on;"
			for (round = 0; round <= rounds; round++)
				for (i = 1; i <= n; i++)
					printf "%s\\warn @ %d %s\n%s", first[i], round, key[i], query[i]
		}' "$BENCH/$1.sql"
}

run_in_server() {
	local group=$1 data=$2 clock=$3
	script_of "$group" | as_user tee "$group.psql" >/dev/null
	bench_psql "$data" -f "$group.psql" 2>"$WORK/$group.times" || {
		grep ERROR "$WORK/$group.times" >&2
		die "the queries of $group failed"
	}
	awk -v clock="$clock" -v calls="$(setting_of "$group" calls)" -v title="$(setting_of "$group" title)" -v base_title="$(setting_of "$group" base)" \
		-f "$BENCH/ratios.awk" "$BENCH/$group.sql" "$WORK/$group.times"
}

# The settings that a group's file begins with, and then its statements.
run_in_client() {
	local group=$1 data=$2
	sed '/^--[:=] /,$d' "$BENCH/$group.sql" | as_user tee "$group.psql" >/dev/null
	bench_psql "$data" -f "$group.psql"
	say
	setting_of "$group" title
	as_user ./latency "host='$WORK' user=postgres dbname=$data" \
		"src/test/bench/$group.sql" "$((ROUNDS * 6))"
}

run_group() {
	local group=$1 data clock
	data=$(data_of "$group")
	clock=$(setting_of "$group" clock)
	if [ "$clock" = client ]; then
		run_in_client "$group" "$data"
	else
		run_in_server "$group" "$data" "$clock"
	fi
}

# What a group's queries must have in common for the comparison to be fair.
check_group() {
	[ "$1" = one_owner ] || return 0
	bench_psql "$(data_of "$1")" -At -f src/test/bench/one_owner_plans.sql
}

finish() {
	[ ! -d "$WORK/data" ] || server_stop "$WORK"
	rm -rf "$WORK"
}

[[ $MILLIONS =~ ^[1-9][0-9]{0,3}$ ]] || die "CRM_BENCH_DEALS is a number of millions, from 1"
[[ $THOUSANDS =~ ^([3-9]|[1-9][0-9]{1,3})$ ]] || die "CRM_BENCH_CONTACTS is a number of thousands, from 3"
[[ $ROUNDS =~ ^[1-9][0-9]?$ ]] || die "CRM_BENCH_ROUNDS is a number of rounds, from 1"
for name in "$@"; do
	[[ " ${GROUPS_OF_QUERIES[*]} ${FIGURES[*]} " = *" $name "* ]] ||
		die "no such group: $name; there are: ${GROUPS_OF_QUERIES[*]} ${FIGURES[*]}"
done
[ $# -gt 0 ] || set -- "${GROUPS_OF_QUERIES[@]}" "${FIGURES[@]}"

need_server
choose_account
make_work bench
trap finish EXIT
trap 'exit 130' INT TERM HUP

start_bench_server
declare -A LOADED=()
for name in "$@"; do
	need_data "$(data_of "$name")"
	if [[ " ${FIGURES[*]} " = *" $name "* ]]; then
		bench_psql "$(data_of "$name")" -At -f "src/test/bench/$name.sql"
	else
		check_group "$name"
		run_group "$name"
	fi
done
