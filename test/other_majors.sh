#!/bin/bash
# Runs the tests on the PostgreSQL versions of other Debian releases, each in
# a chroot of its own. Called by check.sh; alone: bash test/other_majors.sh [NN]
#
# The chroots stay in CRM_CHROOT_DIR (default /var/tmp/crm-chroots, 1 GB each)
# for the next run. Prints "SKIP ..." where a version is not to be had, and
# the sum in the last line.

# shellcheck source=test/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# Major version and the Debian release that has it.
MAJORS=(15:bookworm 17:trixie 18:forky)

SUITES=(build regress isolation tap)
CHROOTS=${CRM_CHROOT_DIR:-/var/tmp/crm-chroots}
SCRIPT=$TOP/test/other_majors.sh
PASSED=0 FAILED=0 SKIPPED=0

skip() {
	say "SKIP $*"
	SKIPPED=$((SKIPPED + 1))
}

print_sum() {
	say "$PASSED passed, $FAILED failed, $SKIPPED skipped"
}

skip_all() {
	skip "other majors: $*"
	print_sum
	exit 0
}

# --- what the machine has ---------------------------------------------------

# The mirror that this machine's own packages come from, so that the chroots
# need no other server than apt does.
mirror() {
	if [ -n "${CRM_DEBIAN_MIRROR:-}" ]; then
		echo "$CRM_DEBIAN_MIRROR"
	else
		# shellcheck disable=SC2016 # for apt to expand
		apt-get indextargets --format '$(REPO_URI)' \
			'Origin: Debian' 'Label: Debian' 2>/dev/null | sort -u | sed -n 1p
	fi
}

# debootstrap does not read apt's proxy.
export_proxy() {
	local proxy=
	eval "$(apt-config shell proxy Acquire::http::Proxy)"
	if [ -n "$proxy" ]; then export http_proxy=$proxy; fi
}

# apt there must reach the mirror as apt here does: same proxy, same patience
# with clocks and release files.
copy_apt_settings() {
	apt-config dump | grep -E '^Acquire::(https?|ftp|Check-|Retries|ForceIPv)' \
		>"$1/etc/apt/apt.conf.d/90host" || true
}

# Mounts, shared memory and processes of the chroots live in namespaces that
# end with the script, however it ends. unshare ignores polite signals.
enter_namespaces() {
	local child status=0
	[ -z "${CRM_IN_NAMESPACES:-}" ] || return 0
	unshare --mount --ipc --pid --fork true 2>/dev/null ||
		skip_all "this system allows no namespaces"
	export CRM_IN_NAMESPACES=1
	unshare --mount --ipc --pid --fork --kill-child -- bash "$SCRIPT" "$@" </dev/null &
	child=$!
	trap 'kill -KILL "$child"; exit 130' INT TERM HUP
	wait "$child" || status=$?
	exit "$status"
}

# --- one chroot -------------------------------------------------------------

in_chroot() {
	local root=$1
	shift
	chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
		LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@" </dev/null
}

# Releases newer than this debootstrap are built by the rules of sid.
bootstrap() {
	local release=$1 root=$2 rules=()
	[ -e "/usr/share/debootstrap/scripts/$release" ] || rules=(sid)
	rm -rf --one-file-system "$root"
	debootstrap --variant=minbase "$release" "$root" "$(mirror)" "${rules[@]}"
	copy_apt_settings "$root"
	# No service may start, and no cluster be made, in the chroot.
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
	chmod 755 "$root/usr/sbin/policy-rc.d"
	mkdir -p "$root/etc/postgresql-common/createcluster.d"
	say 'create_main_cluster = false' \
		>"$root/etc/postgresql-common/createcluster.d/crm-test.conf"
}

mount_system() {
	mount -t proc proc "$1/proc"
	mount -t tmpfs -o nosuid,nodev tmpfs "$1/dev/shm"
}

# The package of the headers would bring clang and llvm, half a gigabyte that
# nothing here uses: only its files are unpacked.
unpack_headers() {
	# shellcheck disable=SC2016 # for the inner shell to expand
	in_chroot "$1" sh -ec '
		cd "$(mktemp -d)"
		apt-get -q -o APT::Sandbox::User=root download "postgresql-server-dev-$0"
		dpkg -x ./*.deb /
		rm -f ./*.deb' "$2"
}

# The oracle of the similarity tests, where the release has it.
oracle_package() {
	in_chroot "$1" apt-cache policy python3-rapidfuzz |
		sed -n 's/^  Candidate: [0-9].*/python3-rapidfuzz/p'
}

install_packages() {
	local root=$1 major=$2 oracle
	in_chroot "$root" apt-get -q update
	oracle=$(oracle_package "$root")
	# shellcheck disable=SC2086 # one word or none
	in_chroot "$root" apt-get -q -y --no-install-recommends install \
		"postgresql-$major" make gcc g++ libc6-dev libphonenumber-dev libprotobuf-dev \
		libpsl-dev perl libipc-run-perl $oracle
	unpack_headers "$root" "$major"
	in_chroot "$root" apt-get clean
}

# Changes when other packages are to be installed.
recipe() {
	declare -f oracle_package install_packages | cksum
}

# Packages are brought up to date once a day. Without the mirror an existing
# chroot serves as it is.
prepare() {
	local release=$1 major=$2 root=$3 ready=$3/.crm-ready
	if [ ! -e "$ready" ]; then
		bootstrap "$release" "$root"
		mount_system "$root"
		install_packages "$root" "$major"
		recipe >"$ready"
		return
	fi
	mount_system "$root"
	if [ -z "$(find "$ready" -mmin -1440)" ] || [ "$(cat "$ready")" != "$(recipe)" ]; then
		if (set -e; install_packages "$root" "$major"); then
			recipe >"$ready"
		else
			say "the packages could not be brought up to date"
		fi
	fi
}

# --- the tests --------------------------------------------------------------

# Relays the lines of check.sh, marked with the version, and adds up its sum.
run_tests() {
	local root=$1 major=$2 line sum=
	rm -rf "$root/srv/crm" "$root"/var/tmp/crm-*
	mkdir -p "$root/srv/crm"
	pack_tree | tar -C "$root/srv/crm" --no-same-owner -xf -
	while IFS= read -r line; do
		if [[ $line =~ ^[0-9]+\ passed,\ [0-9]+\ failed ]]; then
			sum=$line
		else
			say "  PostgreSQL $major: $line"
		fi
	done < <(in_chroot "$root" bash /srv/crm/test/check.sh "${SUITES[@]}" 2>&1)
	add_sum "$major" "$sum"
}

add_sum() {
	local p f s
	read -r p f s < <(say "$2" | awk '{ print $1 + 0, $3 + 0, $5 + 0 }')
	if [ $((p + f)) = 0 ]; then
		say "  PostgreSQL $1: 0 tests ran"
		f=1
	fi
	PASSED=$((PASSED + p)) FAILED=$((FAILED + f)) SKIPPED=$((SKIPPED + s))
}

# Not to be called in a condition: that would turn off set -e in prepare.
check_major() {
	local major=$1 release=$2 root=$CHROOTS/$2 log=$CHROOTS/$2.log status
	set +e
	(set -e; prepare "$release" "$major" "$root") >"$log" 2>&1 </dev/null
	status=$?
	set -e
	if [ "$status" != 0 ]; then
		tail -n 5 "$log"
		skip "PostgreSQL $major: no chroot of $release could be made, see $log"
		return
	fi
	run_tests "$root" "$major"
}

# /var/tmp is open to all: a folder somebody else put there is not used.
claim_chroots() {
	[ -e "$CHROOTS" ] || mkdir -m 755 -- "$CHROOTS"
	if [ -L "$CHROOTS" ] || [ "$(stat -c %u "$CHROOTS")" != 0 ]; then
		skip_all "$CHROOTS does not belong to root: set CRM_CHROOT_DIR"
	fi
	# Two runs at once would share the chroots.
	exec 9>"$CHROOTS/lock"
	flock 9
}

can_be_root || skip_all "this needs root, to make chroots"
[ "$(id -u)" = 0 ] || exec sudo env CRM_TESTED_MAJOR="${CRM_TESTED_MAJOR:-}" \
	CRM_CHROOT_DIR="$CHROOTS" CRM_DEBIAN_MIRROR="${CRM_DEBIAN_MIRROR:-}" \
	bash "$SCRIPT" "$@"
command -v apt-get >/dev/null || skip_all "this system has no apt-get"
[ -n "$(mirror)" ] ||
	skip_all "apt knows no mirror of Debian: name one in CRM_DEBIAN_MIRROR"
enter_namespaces "$@"
need_packages debootstrap debian-archive-keyring
export_proxy
claim_chroots

for pair in "${MAJORS[@]}"; do
	major=${pair%%:*} release=${pair#*:}
	[ "$major" != "${CRM_TESTED_MAJOR:-}" ] || continue
	[ $# = 0 ] || [[ " $* " = *" $major "* ]] || continue
	check_major "$major" "$release"
done
print_sum
[ "$FAILED" = 0 ]
