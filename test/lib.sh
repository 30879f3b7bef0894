# shellcheck shell=bash
# lib.sh: what the scripts of this folder share. Sourced, never run.
#
# The rules behind it: nothing is written into the checkout; everything is
# built and tested by an account that is not root, in a work folder of its
# own; root is used to install packages and "make install", nothing else.

set -euo pipefail
umask 022
export LC_ALL=C.UTF-8 LANG=C.UTF-8
unset LANGUAGE MAKEFLAGS MFLAGS MAKELEVEL

# A PGHOST, PG_CFLAGS or GIT_DIR of the caller must not leak into the tests.
pg_config_wanted=${PG_CONFIG:-}
for name in ${!PG*} ${!GIT_*}; do
	unset "$name"
done

TOP=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

# The oldest server that the extension supports.
OLDEST_MAJOR=15

# A socket's path may have 107 bytes; "/.s.PGSQL.5432" takes 14 of them.
LONGEST_FOLDER=93

say() { printf '%s\n' "$*"; }

die() {
	printf 'error: %s\n' "$*" >&2
	exit 1
}

# --- root ------------------------------------------------------------------

can_be_root() {
	[ "$(id -u)" = 0 ] && return
	command -v sudo >/dev/null || return 1
	# Without a terminal nobody can type a password.
	if [ -t 0 ]; then sudo -v; else sudo -n true 2>/dev/null; fi
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif can_be_root; then
		sudo "$@"
	else
		die "this needs root; as root, run: $(printf '%q ' "$@")"
	fi
}

# make with the arguments given, as whoever may write where PostgreSQL is
# installed: a server somebody built at home needs no root.
install_with_make() {
	if [ -w "$("$PG_CONFIG" --pkglibdir)" ] &&
		[ -w "$("$PG_CONFIG" --sharedir)/extension" ]; then
		make "$@" install PG_CONFIG="$PG_CONFIG"
	else
		as_root make "$@" install PG_CONFIG="$PG_CONFIG"
	fi
}

# --- packages --------------------------------------------------------------

is_installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

has_candidate() {
	apt-cache policy "$1" 2>/dev/null | grep '^  Candidate: [0-9]' >/dev/null
}

apt_get() {
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -q -o DPkg::Lock::Timeout=120 "$@" </dev/null
}

# A fresh container has no package lists, and old lists name packages that
# the mirror has dropped: both are cured by one update.
apt_install() {
	local log install=(install -y --no-install-recommends "$@")
	say "installing: $*"
	can_be_root ||
		die "packages are missing; as root, run: apt-get update && apt-get ${install[*]}"
	log=$(mktemp)
	if ! apt_get "${install[@]}" >"$log" 2>&1 &&
		! { apt_get update && apt_get "${install[@]}"; } >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		die "apt-get could not install: $*"
	fi
	rm -f "$log"
}

# Where there is no dpkg, PG_CONFIG was given and the rest is the caller's.
need_packages() {
	local package missing=()
	command -v dpkg-query >/dev/null || return 0
	for package in "$@"; do
		is_installed "$package" || missing+=("$package")
	done
	[ "${#missing[@]}" -gt 0 ] || return 0
	apt_install "${missing[@]}"
}

# Debian would create a cluster beside the package and start it at boot.
install_server() {
	local package=postgresql-$1 conf=/etc/postgresql-common/createcluster.d/crm-test.conf
	is_installed "$package" && return
	need_packages postgresql-common
	as_root mkdir -p "${conf%/*}"
	say 'create_main_cluster = false' | as_root tee "$conf" >/dev/null
	(apt_install "$package") || {
		as_root rm -f "$conf"
		exit 1
	}
	as_root rm -f "$conf"
}

# --- the server to build for ------------------------------------------------

has_headers() {
	[ -f "/usr/include/postgresql/$1/server/postgres.h" ]
}

# The newest installed major that has its headers or can get them.
installed_major() {
	local dir major found=
	for dir in /usr/lib/postgresql/*/; do
		major=$(basename "$dir")
		[ -x "$dir/bin/postgres" ] || continue
		[ "$major" -ge "$OLDEST_MAJOR" ] || continue
		[ "$major" -gt "${found:-0}" ] || continue
		if has_headers "$major" || has_candidate "postgresql-server-dev-$major"; then
			found=$major
		fi
	done
	echo "$found"
}

distribution_major() {
	apt-cache depends postgresql 2>/dev/null |
		sed -n 's/.*Depends: postgresql-\([0-9][0-9]*\)$/\1/p' | sed -n 1p
}

install_packaged_server() {
	local major
	command -v apt-get >/dev/null ||
		die "this system has no apt-get; install PostgreSQL $OLDEST_MAJOR or newer with its server headers and set PG_CONFIG"
	major=$(installed_major)
	if [ -z "$major" ]; then
		can_be_root ||
			die "PostgreSQL is missing; as root, run: apt-get update && apt-get install -y --no-install-recommends postgresql postgresql-server-dev-all make gcc libc6-dev libpsl-dev"
		has_candidate postgresql || apt_get update >/dev/null ||
			die "apt-get update failed"
		major=$(distribution_major)
	fi
	[ "${major:-0}" -ge "$OLDEST_MAJOR" ] ||
		die "this distribution offers PostgreSQL ${major:-none}, and crm needs $OLDEST_MAJOR or newer: add a package source that has one (apt.postgresql.org), or set PG_CONFIG"
	install_server "$major"
	has_headers "$major" || need_packages "postgresql-server-dev-$major"
	PG_CONFIG=/usr/lib/postgresql/$major/bin/pg_config
}

may_install() {
	can_be_root || [ -w "$("$PG_CONFIG" --pkglibdir)" ] ||
		die "installing the extension needs root: run this as root, or as a user with sudo"
}

# Sets PG_CONFIG, PG_MAJOR and BINDIR, and installs what is missing for them.
need_server() {
	if [ -n "$pg_config_wanted" ]; then
		PG_CONFIG=$(command -v "$pg_config_wanted") ||
			die "PG_CONFIG is $pg_config_wanted, which is no program"
	else
		install_packaged_server
	fi
	PG_MAJOR=$("$PG_CONFIG" --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
	BINDIR=$("$PG_CONFIG" --bindir)
	[ "$PG_MAJOR" -ge "$OLDEST_MAJOR" ] ||
		die "$PG_CONFIG belongs to PostgreSQL $PG_MAJOR, and crm needs $OLDEST_MAJOR or newer"
	[ -f "$("$PG_CONFIG" --includedir-server)/postgres.h" ] ||
		die "the server headers are missing: install postgresql-server-dev-$PG_MAJOR"
	[ -x "$BINDIR/initdb" ] ||
		die "$BINDIR has no initdb: install postgresql-$PG_MAJOR"
	may_install
	need_packages make gcc libc6-dev libpsl-dev
	need_libphonenumber
}

# Builds crm_phone wherever there are packages, so that no test of it is left out
# without a word. Elsewhere make looks for itself.
need_libphonenumber() {
	need_packages g++ libphonenumber-dev libprotobuf-dev
	if is_installed libphonenumber-dev; then export WITH_PHONENUMBER=yes; fi
}

# --- the account and the work folder ----------------------------------------

# The server refuses to run as root.
choose_account() {
	RUN_AS=()
	ACCOUNT=$(id -un)
	if [ "$(id -u)" = 0 ]; then
		ACCOUNT=postgres
		id "$ACCOUNT" >/dev/null 2>&1 || ACCOUNT=nobody
		RUN_AS=(runuser -u "$ACCOUNT" --)
	fi
}

# Runs in WORK, since the caller's folder may be closed to the account.
as_user() {
	(cd "$WORK" && exec "${RUN_AS[@]}" env HOME="$WORK" TMPDIR=/tmp "$@")
}

# An empty folder that only the account (and root) can enter.
make_work() {
	WORK=$(mktemp -d "/var/tmp/crm-$1.XXXXXX")
	chown "$ACCOUNT" "$WORK"
}

# What git would commit, NUL-separated; nothing if this is no checkout of git.
list_tree() {
	local file
	git -c safe.directory='*' -C "$TOP" ls-files -coz --exclude-standard 2>/dev/null |
		while IFS= read -r -d '' file; do
			if [ -e "$TOP/$file" ]; then printf '%s\0' "$file"; fi
		done || true
}

pack_tree() {
	local list
	list=$(mktemp)
	list_tree >"$list"
	if [ -s "$list" ]; then
		tar -C "$TOP" --null -T "$list" -cf -
	else
		tar -C "$TOP" --exclude=./.git --exclude='./build-*' --exclude='*.o' \
			--exclude='*.bc' --exclude='*.so' --exclude='./crm--*.sql' -cf - .
	fi
	rm -f "$list"
}

# Copies the checkout to folder $1 inside WORK.
copy_tree() {
	as_user mkdir -p "$1"
	pack_tree | as_user tar -C "$1" -xf -
}

# --- a throw-away server ----------------------------------------------------

write_settings() {
	local dir=$1
	as_user tee -a "$dir/data/postgresql.conf" >/dev/null <<-CONF
		listen_addresses = ''
		unix_socket_directories = '"${dir//\'/\'\'}"'
		fsync = off
		full_page_writes = off
		synchronous_commit = off
	CONF
}

# Everybody who can enter the folder may connect as anybody; the folder is
# closed to all but the account and root.
init_server() {
	local dir=$1
	as_user rm -rf "$dir/data" "$dir/data.new"
	as_user "$BINDIR/initdb" -D "$dir/data.new" -U postgres -A trust -N \
		-E UTF8 --locale=C.UTF-8 >/dev/null
	as_user mv "$dir/data.new" "$dir/data"
	write_settings "$dir"
}

# psql takes a comma for the end of a host's name.
check_socket_folder() {
	case $1 in *,*) die "$1 has a comma, which a socket's folder may not have" ;; esac
	[ "$(printf %s "$1" | wc -c)" -le "$LONGEST_FOLDER" ] ||
		die "$1 is too long for a socket: choose a folder of at most $LONGEST_FOLDER bytes"
}

# Starts the server of folder $1: its data, its log and its socket are there.
server_start() {
	local dir=$1
	check_socket_folder "$dir"
	if as_user "$BINDIR/pg_ctl" -D "$dir/data" status >/dev/null 2>&1; then
		return
	fi
	if [ "$(as_user cat "$dir/data/PG_VERSION" 2>/dev/null)" != "$PG_MAJOR" ]; then
		init_server "$dir"
	fi
	as_user "$BINDIR/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -t 120 \
		start >/dev/null || {
		tail -n 20 "$dir/server.log" >&2
		die "the server did not start"
	}
}

server_stop() {
	as_user "$BINDIR/pg_ctl" -D "$1/data" -m fast -w stop >/dev/null 2>&1 || true
}

# psql as superuser of the server in folder $1; the rest are psql's arguments.
server_psql() {
	local dir=$1
	shift
	as_user "$BINDIR/psql" -X -q -v ON_ERROR_STOP=1 -P pager=off \
		-h "$dir" -U postgres "$@"
}
