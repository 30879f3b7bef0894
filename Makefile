# crm: build with "make", install with "make install", then "make installcheck"
# against a running server. README.md says how to run everything in one command.

EXTENSION  = crm
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(dir $(firstword $(MAKEFILE_LIST)))crm.control)
MODULE_big = crm

# Order is the dependency order of the SQL objects, not the alphabet.
SQL_MODULES = \
	src/prelude.sql \
	src/values/email.sql \
	src/values/web.sql \
	src/values/company.sql \
	src/values/phone.sql \
	src/values/names.sql \
	src/values/name_keys.sql \
	src/values/similarity.sql \
	src/values/versions.sql \
	src/pipeline/deal_stage.sql \
	src/pipeline/pipeline_state.sql \
	src/pipeline/pipeline_support.sql \
	src/pipeline/pipeline_aggregates.sql \
	src/tables/deal_rules.sql \
	src/tables/pipeline_totals.sql \
	src/tables/crm_schema.sql \
	src/import/import.sql \
	src/history/deal_history.sql \
	src/timeline/event_details.sql \
	src/timeline/timeline.sql \
	src/matching/find_duplicates.sql \
	src/matching/train_matching.sql \
	src/matching/explain_match.sql \
	src/matching/matching_report.sql \
	src/matching/crm_matching.sql \
	src/matching/match_keys.sql \
	src/matching/match_index.sql \
	src/matching/match_contact.sql \
	src/matching/duplicate_guard.sql

# The statements that make, upgrade and detach a CRM; compiled in as text.
DDL_MODULES = \
	src/tables/ddl/settings.sql \
	src/tables/ddl/settings_trigger.sql \
	src/tables/ddl/vocabularies.sql \
	src/tables/ddl/people.sql \
	src/tables/ddl/deals.sql \
	src/tables/ddl/deal_changes.sql \
	src/tables/ddl/interactions.sql \
	src/tables/ddl/timeline_sources.sql \
	src/tables/ddl/imports.sql \
	src/tables/ddl/matching.sql \
	src/tables/ddl/match_index.sql \
	src/tables/ddl/defaults.sql \
	src/tables/ddl/triggers.sql \
	src/tables/ddl/value_triggers.sql \
	src/tables/ddl/history_trigger.sql \
	src/tables/ddl/history_backfill.sql \
	src/tables/ddl/no_triggers.sql \
	src/tables/ddl/views.sql \
	src/tables/ddl/timeline/timeline_activities.sql \
	src/tables/ddl/timeline/timeline_companies.sql \
	src/tables/ddl/timeline/timeline_contacts.sql \
	src/tables/ddl/timeline/timeline_deal_changes.sql \
	src/tables/ddl/timeline/timeline_emails.sql \
	src/tables/ddl/timeline/timeline_page.sql \
	src/tables/ddl/timeline/timeline_view.sql \
	src/tables/ddl/functions.sql \
	src/tables/ddl/import_views.sql \
	src/tables/ddl/matching_contacts.sql \
	src/tables/ddl/matching_relations.sql \
	src/tables/ddl/views/ours.sql \
	src/tables/ddl/views/drop_plan.sql \
	src/tables/ddl/views/keep_grants.sql \
	src/tables/ddl/views/grant_plan.sql \
	src/tables/ddl/detach.sql \
	src/tables/ddl/dependents.sql \
	src/tables/ddl/check_tables.sql \
	src/tables/ddl/check_values.sql \
	src/tables/ddl/upgrade/1--2.sql \
	src/tables/ddl/upgrade/2--3.sql \
	src/tables/ddl/upgrade/3--4.sql \
	src/tables/ddl/upgrade/4--5.sql

# Reference data: readable text in src/data/, each file X.txt with an X.awk that
# makes it tables of C, X_table.h.  One module includes each.
DATA_TABLES = \
	src/data/unicode_fold_table.h \
	src/data/domain_chars_table.h \
	src/data/mail_providers_table.h \
	src/data/name_fold_table.h \
	src/data/given_names_table.h \
	src/data/name_words_table.h \
	src/data/free_mail_table.h \
	src/data/legal_forms_table.h \
	src/data/calling_codes_table.h \
	src/data/countries_table.h

OBJS = \
	src/crm.o \
	src/catalog_changes.o \
	src/kept_plans.o \
	src/values/utf8_text.o \
	src/values/json_text.o \
	src/values/unicode_fold.o \
	src/values/punycode.o \
	src/values/domain_name.o \
	src/values/email_parse.o \
	src/values/mail_providers.o \
	src/values/email.o \
	src/values/name_fold.o \
	src/values/web_host.o \
	src/values/registrable_domain.o \
	src/values/free_mail.o \
	src/values/web.o \
	src/values/company_words.o \
	src/values/company_name.o \
	src/values/company.o \
	src/values/country.o \
	src/values/phone_parse.o \
	src/values/phone_loader.o \
	src/values/phone.o \
	src/values/given_names.o \
	src/values/name_words.o \
	src/values/split_name.o \
	src/values/names.o \
	src/values/name_sounds.o \
	src/values/name_keys.o \
	src/values/name_keys_text.o \
	src/values/character_matches.o \
	src/values/string_distance.o \
	src/values/string_sweep.o \
	src/values/jaro_winkler.o \
	src/values/token_similarity.o \
	src/values/similarity_text.o \
	src/values/similarity.o \
	src/values/versions.o \
	src/pipeline/deal_stage.o \
	src/pipeline/numeric_read.o \
	src/pipeline/pipeline_sum.o \
	src/pipeline/pipeline_state.o \
	src/pipeline/pipeline_aggregates.o \
	src/tables/deal_lookups.o \
	src/tables/deal_rules.o \
	src/tables/kept_values.o \
	src/tables/email_errors.o \
	src/tables/value_rules.o \
	src/tables/renormalize.o \
	src/tables/pipeline_totals.o \
	src/tables/ddl_script.o \
	src/tables/crm_maintenance.o \
	src/tables/crm_schema.o \
	src/tables/crm_views.o \
	src/tables/detach.o \
	src/tables/check_tables.o \
	src/tables/table_triggers.o \
	src/tables/timeline_sources.o \
	src/import/import.o \
	src/import/import_columns.o \
	src/import/import_keys.o \
	src/import/import_statements.o \
	src/import/import_clean.o \
	src/import/import_references.o \
	src/import/import_values.o \
	src/import/import_match.o \
	src/import/import_store.o \
	src/import/import_log.o \
	src/import/undo_import.o \
	src/history/history_table.o \
	src/history/deal_history.o \
	src/history/deal_writes.o \
	src/timeline/event_details.o \
	src/timeline/page_token.o \
	src/timeline/timeline_query.o \
	src/timeline/timeline_cache.o \
	src/timeline/timeline_page.o \
	src/timeline/timeline.o \
	src/timeline/timeline_of.o \
	src/timeline/timeline_admin.o \
	src/matching/match_words.o \
	src/matching/match_names.o \
	src/matching/match_addresses.o \
	src/matching/match_fields.o \
	src/matching/match_set.o \
	src/matching/match_tokens.o \
	src/matching/copies.o \
	src/matching/match_input.o \
	src/matching/likeness.o \
	src/matching/compare.o \
	src/matching/compare_names.o \
	src/matching/bounds.o \
	src/matching/blocking.o \
	src/matching/candidate_pairs.o \
	src/matching/model.o \
	src/matching/training.o \
	src/matching/cluster.o \
	src/matching/rarities.o \
	src/matching/model_names.o \
	src/matching/model_to_json.o \
	src/matching/model_from_json.o \
	src/matching/match_lists.o \
	src/matching/match_json.o \
	src/matching/column_names.o \
	src/matching/match_columns.o \
	src/matching/match_decided.o \
	src/matching/match_search.o \
	src/matching/parallel_search.o \
	src/matching/evidence.o \
	src/matching/find_duplicates.o \
	src/matching/train_matching.o \
	src/matching/explain_match.o \
	src/matching/matching_input.o \
	src/matching/matching_report.o \
	src/matching/kept_matching.o \
	src/matching/match_decisions.o \
	src/matching/match_queue.o \
	src/matching/refresh_statements.o \
	src/matching/refresh_all.o \
	src/matching/refresh_queue.o \
	src/matching/refresh_duplicates.o \
	src/matching/match_values.o \
	src/matching/match_keys.o \
	src/matching/match_keys_ops.o \
	src/matching/match_trust.o \
	src/matching/match_source.o \
	src/matching/match_candidates.o \
	src/matching/match_online.o \
	src/matching/match_question.o \
	src/matching/match_contact.o \
	src/matching/match_index.o \
	src/matching/match_probe.o \
	src/matching/duplicate_guard.o \
	src/matching/guard_commands.o

OWN_HEADERS = \
	src/crm.h \
	src/compat.h \
	src/catalog_changes.h \
	src/kept_plans.h \
	src/values/utf8.h \
	src/values/utf8_text.h \
	src/values/json_text.h \
	src/values/code_table.h \
	src/values/unicode_fold.h \
	src/values/punycode.h \
	src/values/domain_name.h \
	src/values/email_parse.h \
	src/values/name_fold.h \
	src/values/given_names.h \
	src/values/name_words.h \
	src/values/split_name.h \
	src/values/word_hash.h \
	src/values/web_host.h \
	src/values/registrable_domain.h \
	src/values/free_mail.h \
	src/values/company_words.h \
	src/values/company_name.h \
	src/values/email.h \
	src/values/country.h \
	src/values/phone_parse.h \
	src/values/phone_loader.h \
	src/values/phone.h \
	src/values/name_keys.h \
	src/values/name_sounds.h \
	src/phone/phone_library.h \
	src/values/similarity.h \
	src/values/similarity_text.h \
	src/pipeline/deal_stage.h \
	src/pipeline/numeric_read.h \
	src/pipeline/pipeline_sum.h \
	src/pipeline/pipeline_state.h \
	src/tables/crm_schema.h \
	src/tables/deal_lookups.h \
	src/tables/deal_rules.h \
	src/tables/kept_values.h \
	src/tables/email_errors.h \
	src/tables/ddl_script.h \
	src/tables/table_triggers.h \
	src/tables/timeline_sources.h \
	src/import/import.h \
	src/import/import_keys.h \
	src/history/deal_history.h \
	src/history/history_table.h \
	src/timeline/page_token.h \
	src/timeline/timeline_query.h \
	src/timeline/timeline_cache.h \
	src/timeline/timeline_page.h \
	src/timeline/timeline.h \
	src/matching/match_fields.h \
	src/matching/match_parts.h \
	src/matching/match_set.h \
	src/matching/match_input.h \
	src/matching/column_names.h \
	src/matching/compare.h \
	src/matching/compare_parts.h \
	src/matching/likeness.h \
	src/matching/bounds.h \
	src/matching/blocking.h \
	src/matching/model.h \
	src/matching/stored_model.h \
	src/matching/model_names.h \
	src/matching/evidence.h \
	src/matching/cluster.h \
	src/matching/match_search.h \
	src/matching/parallel_search.h \
	src/matching/kept_matching.h \
	src/matching/match_queue.h \
	src/matching/match_refresh.h \
	src/matching/match_values.h \
	src/matching/match_keys.h \
	src/matching/match_trust.h \
	src/matching/match_source.h \
	src/matching/match_candidates.h \
	src/matching/match_question.h \
	src/matching/match_probe.h \
	src/matching/duplicate_guard.h

DATA_built  = $(EXTENSION)--$(EXTVERSION).sql
DDL_TEXT    = src/tables/ddl_text.h
EXTRA_CLEAN = $(DDL_TEXT) $(DATA_TABLES) $(DATA_built).tmp

REGRESS        = security install email email_international email_keys web company phone names given_names split_name name_keys similarity deal_stage pipeline_calls pipeline_values \
                 pipeline_state pipeline_window pipeline_parallel existing_app \
                 create_tables deal_rules deal_history deal_writes history_traps pipeline_views \
                 kept_values import_contacts import_more import_traps undo_import \
                 timeline timeline_order timeline_sources timeline_security timeline_traps \
                 matching matching_equal matching_input matching_keys matching_parallel match_index match_contact duplicate_guard \
                 matching_part matching_tables matching_refresh matching_queue matching_privileges matching_casts \
                 detach privileges sanity
ISOLATION      = contact_email create_tables deal_history deal_rules guard_deadlock guard_insert guard_moved \
                 guard_repeatable_read guard_serializable imports match_refresh match_rename timeline_paging \
                 views_and_upgrade
ISOLATION_OPTS = --inputdir=$(srcdir)/test/isolation
TAP_TESTS      = 1
PROVE_TESTS    = test/t/*.pl

# The second library: libphonenumber, behind functions of C.  crm.so works without
# it.  auto: built if a compiler for C++ and libphonenumber's headers are there;
# yes: it must be built; no: it is not.
WITH_PHONENUMBER ?= auto

# DDL_TEXT is generated in the build folder; the sources include each other
# from the top of src/.
PG_CPPFLAGS = -I$(srcdir)/src -Isrc -DCRM_VERSION='"$(EXTVERSION)"'

# Registrable domains come from the Public Suffix List in libpsl.
SHLIB_LINK += -lpsl

PG_CONFIG ?= pg_config
PGXS      := $(shell $(PG_CONFIG) --pgxs)
ifeq ($(shell test -f "$(PGXS)" && echo found),)
$(error "$(PG_CONFIG) --pgxs" found no pgxs.mk: install the package postgresql-server-dev-NN of your server (NN is its major version), or set PG_CONFIG)
endif
ifeq ($(shell test -f "$$($(PG_CONFIG) --includedir-server)/postgres.h" && echo found),)
$(error the server headers are missing: install the package postgresql-server-dev-NN that matches $(PG_CONFIG))
endif

# Without clang there is no bitcode; the library works the same without it.
PGXS_CLANG := $(shell sed -n 's/^CLANG *= *//p' "$(dir $(PGXS))../Makefile.global")
ifeq ($(shell command -v $(firstword $(PGXS_CLANG) clang) >/dev/null 2>&1 && echo found),)
override with_llvm = no
endif
include $(PGXS)

ifneq ($(shell $(CC) $(CPPFLAGS) -include libpsl.h -x c -E /dev/null >/dev/null 2>&1 && echo found),found)
$(error libpsl.h is missing: install the package libpsl-dev)
endif

.DELETE_ON_ERROR:

$(DATA_built): $(SQL_MODULES)
	@if grep -niE '^[^-]*(create or replace|if not exists)' $(SQL_MODULES:%=$(srcdir)/%); then \
		echo 'an install script must create, never replace' >&2; exit 1; fi
	cat $^ > $@

# --- crm_phone.so ---------------------------------------------------------------
# PGXS makes one library of many files, so this one has rules of its own, with the
# flags of PGXS.  It has no bitcode: nothing in it is called from SQL.
ifeq ($(WITH_PHONENUMBER),auto)
PHONE_FOUND := $(shell printf '\043include <phonenumbers/phonenumberutil.h>' | \
	$(CXX) -std=c++17 $(CPPFLAGS) -E -x c++ - >/dev/null 2>&1 && echo found)
else
PHONE_FOUND := $(filter yes,$(WITH_PHONENUMBER))
endif

PHONE_LIB      = crm_phone$(DLSUFFIX)
PHONE_OBJS     = src/phone/phone_module.o src/phone/phone_cxx.o
PHONE_CXXFLAGS = -std=c++17 -fvisibility=hidden -fvisibility-inlines-hidden
EXTRA_CLEAN   += $(PHONE_LIB) $(PHONE_OBJS)

src/phone/phone_cxx.o: src/phone/phone_cxx.cpp
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(CFLAGS_SL) $(PHONE_CXXFLAGS) $(CPPFLAGS) -c -o $@ $<
$(PHONE_LIB): $(PHONE_OBJS)
	$(CXX) $(CXXFLAGS) $(CFLAGS_SL) -shared -o $@ $^ $(LDFLAGS) $(LDFLAGS_SL) -lphonenumber -lprotobuf

.PHONY: install-phone uninstall-phone
ifneq ($(PHONE_FOUND),)
all: $(PHONE_LIB)
install: install-phone
REGRESS += phone_library
else
all install: say-no-phone
.PHONY: say-no-phone
say-no-phone:
	@echo 'crm_phone is not built: $(if $(filter no,$(WITH_PHONENUMBER)),WITH_PHONENUMBER is no,it needs g++ and libphonenumber-dev)'
endif
install-phone: $(PHONE_LIB) installdirs
	$(INSTALL_SHLIB) $(PHONE_LIB) '$(DESTDIR)$(pkglibdir)/$(PHONE_LIB)'
uninstall: uninstall-phone
uninstall-phone:
	rm -f '$(DESTDIR)$(pkglibdir)/$(PHONE_LIB)'

# One string of C per file, named after it: the DDL stays readable SQL.
$(DDL_TEXT): $(DDL_MODULES) src/tables/ddl_text.awk
	@mkdir -p $(@D)
	awk -f $(filter %.awk,$^) $(filter %.sql,$^) > $@

$(DATA_TABLES): src/data/%_table.h: src/data/%.txt src/data/shared.awk src/data/%.awk
	@mkdir -p $(@D)
	LC_ALL=C awk $(addprefix -f ,$(filter %.awk,$^)) $(filter %.txt,$^) > $@

# PGXS makes no folders for the objects of a build outside the source tree.
OBJECT_FOLDERS := $(shell mkdir -p $(sort $(dir $(OBJS) $(PHONE_OBJS))))

# PGXS tracks no headers where --enable-depend is off, and never for .bc files.
$(OBJS) $(OBJS:.o=.bc) $(PHONE_OBJS): $(OWN_HEADERS) $(DATA_TABLES) crm.control Makefile
src/tables/ddl_script.o src/tables/ddl_script.bc: $(DDL_TEXT)

.PHONY: test demo accuracy bench fuzz deb
test:
	bash $(srcdir)/test/check.sh
demo:
	bash $(srcdir)/test/demo.sh
accuracy:
	bash $(srcdir)/test/accuracy.sh
bench:
	bash $(srcdir)/test/bench/run.sh
fuzz:
	$(MAKE) -C $(srcdir)/test/fuzz
deb:
	bash $(srcdir)/debian/build.sh
