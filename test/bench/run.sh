#!/bin/bash
# Measures the pipeline aggregates against the SQL that people write by hand, on
# the same rows, in a PostgreSQL server of its own.  Prints a table of ratios
# and judges nothing.
#
#   bash test/bench/run.sh                     all groups of queries
#   bash test/bench/run.sh whole one_owner     these (names of files in test/bench)
#
#   CRM_BENCH_DEALS   millions of deals (10; loading takes about 5 seconds for each)
#   CRM_BENCH_ROUNDS  rounds that count (5); one more runs before them
#   PG_CONFIG         the PostgreSQL installation
#
# How: the release build, with JIT and autovacuum off, and as much of the table
# in shared buffers as fits.  A group's queries run in turn, A B C A B C, in one
# session; the first round only warms up.  A query's time is the processor time
# of its backend, which the server itself reports (log_statement_stats) and
# which other programs on the machine disturb little.  Groups that say "elapsed"
# count the time on the clock instead, since parallel workers are not in the
# backend's figure.  "ms" is a median; a ratio is the median of the ratios of
# each round, so that a slow minute falls on both sides.

# shellcheck source=test/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

GROUPS_OF_QUERIES=(whole parallel call_forms grouped one_owner window long_values)
FIGURES=(memory create_tables)
MILLIONS=${CRM_BENCH_DEALS:-10}
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
	init_server "$WORK"
	tune_server
	server_start "$WORK"
	server_psql "$WORK" -d postgres -c 'CREATE EXTENSION crm'
}

load() {
	say "loading $MILLIONS million deals"
	server_psql "$WORK" -d postgres -v millions="$MILLIONS" -f src/test/bench/load.sql
}

# What a group's file says about itself: "--! clock: elapsed".
setting_of() {
	sed -n "s/^--! $2: //p" "$BENCH/$1.sql"
}

# A psql script that runs the queries of a group in turn and marks each of them.
# A file is settings first, and then queries below lines "--: key | label | key
# of the query to compare with".
script_of() {
	awk -v rounds="$ROUNDS" '
		/^--: /  { key[++n] = $2; next }
		/^--= /  { next }
		n == 0   { print; next }
		         { query[n] = query[n] $0 "\n" }
		END {
			print "\\o /dev/null"
			print "SET client_min_messages = log;\nSET log_statement_stats = on;"
			for (round = 0; round <= rounds; round++)
				for (i = 1; i <= n; i++)
					printf "\\warn @ %d %s\n%s", round, key[i], query[i]
		}' "$BENCH/$1.sql"
}

run_group() {
	local group=$1 clock
	clock=$(setting_of "$group" clock)
	script_of "$group" | as_user tee "$group.psql" >/dev/null
	server_psql "$WORK" -d postgres -f "$group.psql" 2>"$WORK/$group.times" || {
		grep ERROR "$WORK/$group.times" >&2
		die "the queries of $group failed"
	}
	awk -v clock="$clock" -v title="$(setting_of "$group" title)" \
		-f "$BENCH/ratios.awk" "$BENCH/$group.sql" "$WORK/$group.times"
}

# What a group's queries must have in common for the comparison to be fair.
check_group() {
	[ "$1" = one_owner ] || return 0
	server_psql "$WORK" -d postgres -At -f src/test/bench/one_owner_plans.sql
}

print_conditions() {
	server_psql "$WORK" -d postgres -At -v millions="$MILLIONS" -v rounds="$ROUNDS" <<-'SQL'
		SELECT format('PostgreSQL %s, %s million deals (%s), %s of shared buffers, medians of %s rounds',
			current_setting('server_version'), :'millions',
			pg_size_pretty(pg_table_size('deals')), current_setting('shared_buffers'), :'rounds')
			|| E'\n/ sum: the time divided by that of sum(value) in its group'
			|| E'\ntimes faster: than the nearest line above that says "by hand", or "no workers"';
	SQL
}

finish() {
	[ ! -d "$WORK/data" ] || server_stop "$WORK"
	rm -rf "$WORK"
}

[[ $MILLIONS =~ ^[1-9][0-9]{0,3}$ ]] || die "CRM_BENCH_DEALS is a number of millions, from 1"
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
load
print_conditions
for name in "$@"; do
	if [[ " ${FIGURES[*]} " = *" $name "* ]]; then
		server_psql "$WORK" -d postgres -At -v millions="$MILLIONS" -f "src/test/bench/$name.sql"
	else
		check_group "$name"
		run_group "$name"
	fi
done
