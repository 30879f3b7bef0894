#!/bin/bash
# Shows the extension on sample data, in a PostgreSQL server of its own.
#
#   bash test/demo.sh         build, install, load the sample, show the results
#   bash test/demo.sh stop    stop the server and remove its folder
#
# CRM_DEMO_DIR sets the folder, PG_CONFIG the PostgreSQL installation.

# shellcheck source=test/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# Says that a folder is ours to remove, and which server runs in it.
MARKER=.crm-demo
DATABASE=crm_demo

demo_folder() {
	local folder=${CRM_DEMO_DIR:-/var/tmp/crm-demo-$(id -un)}
	case $folder in
	/*) echo "$folder" ;;
	*) echo "$PWD/$folder" ;;
	esac
}

# /var/tmp is open to all: a folder somebody else put there is not used.
check_folder() {
	[ ! -L "$WORK" ] || die "$WORK is a symbolic link: set CRM_DEMO_DIR"
	[ -d "$WORK" ] || die "$WORK is no folder: set CRM_DEMO_DIR"
	[ "$(stat -c %U "$WORK")" = "$ACCOUNT" ] ||
		die "$WORK does not belong to $ACCOUNT: remove it or set CRM_DEMO_DIR"
	[ -f "$WORK/$MARKER" ] ||
		die "$WORK was not made by this script: remove it or set CRM_DEMO_DIR"
}

claim_folder() {
	check_socket_folder "$WORK"
	(cd / && "${RUN_AS[@]}" test -x "$(dirname -- "$WORK")") ||
		die "the account $ACCOUNT cannot reach $WORK: set CRM_DEMO_DIR to a folder that it can"
	if [ ! -e "$WORK" ] && [ ! -L "$WORK" ]; then
		mkdir -m 700 -- "$WORK" || die "could not create $WORK: set CRM_DEMO_DIR"
		: >"$WORK/$MARKER"
		chown -R "$ACCOUNT" "$WORK"
	fi
	check_folder
}

# Needs no package: the marker names the program that started the server.
stop_server() {
	local BINDIR
	BINDIR=$(cat "$WORK/$MARKER")
	[ -n "$BINDIR" ] && [ -d "$WORK/data" ] || return 0
	server_stop "$WORK"
}

stop_demo() {
	if [ ! -e "$WORK" ]; then
		say "no demo in $WORK"
		return
	fi
	check_folder
	stop_server
	# From inside, as the account: nothing outside the folder can be hit.
	as_user find . -mindepth 1 -delete
	rmdir -- "$WORK"
	say "stopped, and removed $WORK"
}

build_and_install() {
	as_user rm -rf src
	copy_tree src
	if ! as_user make -C src -j"$(nproc)" PG_CONFIG="$PG_CONFIG" >"$WORK/build.log" 2>&1 ||
		! install_with_make -C "$WORK/src" >>"$WORK/build.log" 2>&1; then
		tail -n 30 "$WORK/build.log" >&2
		die "the build failed; all of its output is in $WORK/build.log"
	fi
}

# Restarted on each run, so that no session keeps an old library.
restart_server() {
	stop_server
	server_start "$WORK"
	say "$BINDIR" | as_user tee "$MARKER" >/dev/null
}

load_and_show() {
	server_psql "$WORK" -d postgres \
		-c "SET client_min_messages = warning" \
		-c "DROP DATABASE IF EXISTS $DATABASE WITH (FORCE)" \
		-c "CREATE DATABASE $DATABASE"
	server_psql "$WORK" -d "$DATABASE" -c 'CREATE EXTENSION crm'
	server_psql "$WORK" -d "$DATABASE" -f src/test/demo/generate.sql
	server_psql "$WORK" -d "$DATABASE" -f src/test/demo/show.sql
	server_psql "$WORK" -d "$DATABASE" -c '\cd src' -f test/demo/import.sql
}

print_directions() {
	local psql folder=
	psql=$(command -v psql || echo "$BINDIR/psql")
	[ -z "${CRM_DEMO_DIR:-}" ] || folder="CRM_DEMO_DIR=$(printf %q "$WORK") "
	say
	say "The server keeps running. To look around:"
	say "  $psql -h $(printf %q "$WORK") -U postgres $DATABASE"
	say "To stop it and remove its folder:"
	say "  ${folder}bash $(printf %q "$TOP/test/demo.sh") stop"
}

case ${1:-start} in
start | stop) ;;
*) die "usage: bash test/demo.sh [stop]" ;;
esac

choose_account
WORK=$(demo_folder)
if [ "${1:-start}" = stop ]; then
	stop_demo
	exit
fi

say "1. PostgreSQL and a compiler"
need_server
# The package of the server brings the account it is run with.
choose_account
claim_folder
say "2. build and install crm for PostgreSQL $PG_MAJOR"
build_and_install
say "3. start a server in $WORK"
restart_server
say "4. load the sample and look at it"
load_and_show
print_directions
