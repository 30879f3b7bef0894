#!/bin/bash
# Runs every test. Needs nothing but bash and apt: installs what is missing.
#
#   bash test/check.sh                      all suites
#   bash test/check.sh regress isolation    these suites
#   bash test/check.sh regress deal_stage   one test of a suite
#   bash test/check.sh tap test/t/dump.pl
#
# CRM_SKIP_OTHER_MAJORS=1 leaves out the other PostgreSQL versions, PG_CONFIG
# names the installation to test with, CRM_SUITE_SECONDS limits each suite.

# shellcheck source=test/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# In this order. The last one leaves a build without assertions installed.
SUITES=(build clang regress isolation tap fuzz blanks headers majors release)

PASSED=0 FAILED=0 SKIPPED=0
declare -A NAMES=()

# --- tools of the suites ----------------------------------------------------

# make in folder $1 as the account; the rest are make's arguments.
build_in() {
	local folder=$1
	shift
	as_user timeout -k 30 "${CRM_SUITE_SECONDS:-1500}" \
		make -C "$folder" PG_CONFIG="$PG_CONFIG" "$@"
}

# Strict for our code only: as system headers the server's own do not warn.
strict_flags() {
	echo "-isystem $("$PG_CONFIG" --includedir-server) -Wall -Wextra -Werror" \
		"-Wno-unused-parameter -DUSE_ASSERT_CHECKING"
}

# The server's flags were written for gcc; clang does not know some of them.
CLANG_FLAGS="-Wno-unknown-warning-option -Wno-ignored-optimization-argument"

# The same for the one file of C++; clang's compiler of it is not used.
STRICT_CXX_FLAGS="-Wall -Wextra -Werror"

# The tests run against the build with assertions, on a server of their own.
need_build() {
	[ ! -e "$WORK/tested/.installed" ] || return 0
	if [ -e "$WORK/tested" ]; then
		echo "nothing to test: the build failed above"
		return 1
	fi
	copy_tree tested
	build_in tested -j"$(nproc)" PG_CFLAGS="$(strict_flags)" PG_CXXFLAGS="$STRICT_CXX_FLAGS"
	install_with_make -C "$WORK/tested" PG_CFLAGS="$(strict_flags)" PG_CXXFLAGS="$STRICT_CXX_FLAGS"
	as_user touch tested/.installed
}

installcheck() {
	need_build
	server_start "$WORK"
	PGHOST=$WORK PGUSER=postgres build_in tested installcheck "$@"
}

# --- suites -----------------------------------------------------------------

suite_build() {
	need_build
}

suite_clang() {
	copy_tree clang
	build_in clang -j"$(nproc)" with_llvm=no CC=clang \
		PG_CFLAGS="$(strict_flags) $CLANG_FLAGS"
}

suite_regress() {
	local names=${NAMES[regress]:-}
	# Those two leave behind the extension that all others use.
	[ -z "$names" ] || names="security install $names"
	installcheck ISOLATION= TAP_TESTS= ${names:+"REGRESS=$names"}
}

suite_isolation() {
	local names=${NAMES[isolation]:-}
	installcheck REGRESS= TAP_TESTS= ${names:+"ISOLATION=$names"}
}

suite_tap() {
	local names=${NAMES[tap]:-}
	installcheck REGRESS= ISOLATION= PROVE_FLAGS=-v ${names:+"PROVE_TESTS=$names"}
}

suite_fuzz() {
	need_build
	server_start "$WORK"
	build_in tested/test/fuzz check FUZZ_CONNINFO="host=$WORK user=postgres"
}

suite_blanks() {
	copy_tree "path with blanks"
	build_in "path with blanks" -j"$(nproc)"
	# PGXS itself allows no blanks in DESTDIR.
	build_in "path with blanks" install DESTDIR="$WORK/staged"
	find "$WORK/staged" -name crm.so | grep .
	[ "${WITH_PHONENUMBER:-no}" = no ] || find "$WORK/staged" -name crm_phone.so | grep .
}

# make with the arguments must stop and name the package $1.
must_name_package() {
	local package=$1 log=$WORK/headers.log
	shift
	if as_user make -C headers "$@" >"$log" 2>&1; then
		echo "make succeeded without $package"
		return 1
	fi
	cat "$log"
	grep -q "$package" "$log"
}

# Without headers make must stop and say which package to install.
suite_headers() {
	copy_tree headers
	must_name_package postgresql-server-dev PG_CONFIG=/nonexistent/pg_config
	must_name_package libpsl-dev PG_CONFIG="$PG_CONFIG" CPPFLAGS=-nostdinc
}

suite_majors() {
	CRM_TESTED_MAJOR=$PG_MAJOR bash "$TOP/test/other_majors.sh"
}

# What a packager does: out of the tree, plain flags, nothing left in the tree.
suite_release() {
	local before
	copy_tree release
	before=$(cd "$WORK/release" && find . | sort)
	as_user mkdir -p out
	build_in out -f "$WORK/release/Makefile" -j"$(nproc)"
	[ "$before" = "$(cd "$WORK/release" && find . | sort)" ]
	install_with_make -C "$WORK/out" -f "$WORK/release/Makefile"
	server_start "$WORK"
	server_psql "$WORK" -d postgres -c 'CREATE EXTENSION crm'
	[ "${WITH_PHONENUMBER:-no}" = no ] ||
		server_psql "$WORK" -d postgres -c "SELECT crm.normalize_phone('030 123456', 'DE')"
}

# --- counting ---------------------------------------------------------------

# Reads the lines of TAP (prove -v, and pg_regress from 16 on), those of
# pg_regress 15, and those of the fuzz targets; prints passed, failed, skipped.
count_log() {
	awk '
	/^ok [0-9].*# *(SKIP|skip)/ { s++; next }
	/^1\.\.0 # *(SKIP|skip)/    { s++; next }
	/^ok [0-9]/                 { p++; next }
	/^not ok .*# *TODO/         { p++; next }
	/^not ok /                  { f++; next }
	/ \.\.\. ok +[0-9]+ ms/     { p++; next }
	/ \.\.\. FAILED/            { f++; next }
	/[0-9]+ runs ok/            { p++; next }
	END { print p + 0, f + 0, s + 0 }' "$1"
}

# The last line of other_majors.sh is a sum in the form of our own.
count_sum() {
	awk '/^[0-9]+ passed, [0-9]+ failed/ { p = $1; f = $3; s = $5 }
	END { print p + 0, f + 0, s + 0 }' "$1"
}

count_suite() {
	case $1 in
	regress | isolation | tap | fuzz) count_log "$2" ;;
	majors) count_sum "$2" ;;
	*) if [ "$3" = 0 ]; then echo 1 0 0; else echo 0 1 0; fi ;;
	esac
}

show_failure() {
	local file
	say "---- the end of $1:"
	tail -n 40 "$1"
	for file in "$WORK"/tested/regression.diffs "$WORK"/tested/output_iso/regression.diffs; do
		if [ -s "$file" ] && [ "$file" -nt "$WORK/suite.started" ]; then
			say "---- the end of $file:"
			tail -n 80 "$file"
		fi
	done
	grep -hE 'TRAP|PANIC|terminated by signal' "$WORK/server.log" 2>/dev/null | tail -n 5 || true
	say "----"
}

# --- running ----------------------------------------------------------------

# Not to be called in a condition: that would turn off set -e in the suites.
run_suite() {
	local suite=$1 log=$WORK/log/$1.log start=$SECONDS status p f s
	touch "$WORK/suite.started"
	set +e
	if [ "$suite" = majors ]; then
		# Takes minutes, and prints a line per suite itself.
		(set -e; suite_majors) </dev/null 2>&1 | tee "$log" |
			grep --line-buffered -vE '^[0-9]+ passed, '
		status=${PIPESTATUS[0]}
	else
		(set -e; "suite_$suite") </dev/null >"$log" 2>&1
		status=$?
	fi
	set -e
	read -r p f s < <(count_suite "$suite" "$log" "$status")
	if [ "$status" != 0 ] && [ "$f" = 0 ]; then f=1; fi
	[ $((p + f + s)) -gt 0 ] || { f=1 && say "$suite: 0 tests ran"; }
	printf '%-10s %s passed, %s failed, %s skipped (%s s)\n' \
		"$suite" "$p" "$f" "$s" $((SECONDS - start))
	[ "$f" = 0 ] || [ "$suite" = majors ] || show_failure "$log"
	PASSED=$((PASSED + p)) FAILED=$((FAILED + f)) SKIPPED=$((SKIPPED + s))
}

# Words are suites, or names of tests within the suite before them.
read_arguments() {
	local word suite=
	CHOSEN=()
	for word in "$@"; do
		if [[ " ${SUITES[*]} " = *" $word "* ]]; then
			suite=$word
			CHOSEN+=("$suite")
		else
			case $suite in
			regress | isolation | tap) NAMES[$suite]+="$word " ;;
			*) die "no such suite: $word; there are: ${SUITES[*]}" ;;
			esac
		fi
	done
	[ "${#CHOSEN[@]}" -gt 0 ] || CHOSEN=("${SUITES[@]}")
}

# Only what the chosen suites need: the chroots of other majors have no clang.
install_missing() {
	need_server
	case " ${CHOSEN[*]} " in *" tap "*) need_packages perl libipc-run-perl ;; esac
	case " ${CHOSEN[*]} " in *" clang "* | *" fuzz "*)
		need_packages clang libpq-dev
		# Where clang's runtime for sanitizers is a package of its own.
		if has_candidate libclang-rt-dev; then need_packages libclang-rt-dev; fi
		;;
	esac
}

finish() {
	[ ! -d "$WORK/data" ] || server_stop "$WORK"
	if [ "$FAILED" = 0 ]; then rm -rf "$WORK"; fi
}

# Tests of real data skip where the data is not there.
export CRM_TEST_DATA=${CRM_TEST_DATA:-$TOP/../shared/data}

read_arguments "$@"
install_missing
choose_account
make_work check
mkdir "$WORK/log"
trap finish EXIT
trap 'exit 130' INT TERM HUP

for suite in "${CHOSEN[@]}"; do
	if [ "$suite" = majors ] && [ "${CRM_SKIP_OTHER_MAJORS:-0}" = 1 ]; then
		say "majors     skipped: CRM_SKIP_OTHER_MAJORS is set"
		SKIPPED=$((SKIPPED + 1))
	else
		run_suite "$suite"
	fi
done

[ "$FAILED" = 0 ] || say "logs, diffs and builds are in $WORK"
if [ "$SKIPPED" = 0 ]; then
	say "$PASSED passed, $FAILED failed"
else
	say "$PASSED passed, $FAILED failed, $SKIPPED skipped"
fi
[ "$FAILED" = 0 ] && [ "$PASSED" -gt 0 ]
