/*
 * import.h
 *		What the parts of an import share.
 *
 * Data flow: staging relation -> batch of rows as text -> cleaned text by target
 * column (import_clean.c, import_references.c) -> values of the columns' types
 * (import_values.c) -> matched with what is there (import_match.c) -> stored
 * (import_store.c) -> reported (import_log.c).  A row is out as soon as it has an
 * outcome.
 */
#ifndef CRM_IMPORT_H
#define CRM_IMPORT_H

#include "crm.h"

#include "executor/tuptable.h"
#include "lib/stringinfo.h"
#include "nodes/execnodes.h"
#include "utils/hsearch.h"
#include "utils/queryenvironment.h"
#include "utils/relcache.h"
#include "utils/resowner.h"
#include "utils/tuplestore.h"

/* How the text of a staging column becomes a value. */
typedef enum CrmImportKind
{
	CRM_IMPORT_VALUE,			/* as the column's type reads it */
	CRM_IMPORT_EMAIL,
	CRM_IMPORT_PHONE,
	CRM_IMPORT_DOMAIN,
	CRM_IMPORT_FULL_NAME,
	CRM_IMPORT_NUMBER,
	CRM_IMPORT_CURRENCY,
	CRM_IMPORT_STAGE,
	CRM_IMPORT_WORD,			/* of a vocabulary */
	CRM_IMPORT_REFERENCE		/* names a row of another table */
} CrmImportKind;

/* A staging column that is more than a column of the same name. */
typedef struct CrmImportField
{
	const char *name;			/* of the staging column */
	const char *column;			/* of the target that it fills */
	CrmImportKind kind;
	const char *table;			/* vocabulary, or table referred to */
	const char *key;			/* what of a row referred to is compared, SQL */
	const char *create_column;	/* of a row made for a missing one; NULL: none is made */
} CrmImportField;

/* What is imported. */
typedef struct CrmImportEntity
{
	const char *table;
	const char *noun;			/* one row of it */
	const char *match_column;	/* beside external_id; NULL: there is none */
	const char *match_key;		/* SQL over it */
	const char *key_of_row;		/* the same of row c */
	const char *match_noun;		/* for messages */
	const CrmImportField *fields;
	int			num_fields;
} CrmImportEntity;

/* A column of the target that the import writes. */
typedef struct CrmImportColumn
{
	char	   *name;
	char	   *quoted;
	Oid			type;
	int32		typmod;
	Oid			input_argument;
	FmgrInfo	input;
	char	   *default_sql;	/* NULL: there is none */
	int			follows;		/* column beside which it stands; -1: none */
	const char *value_follower; /* what follows, and what found it out: of a */
	const char *version_follower;	/* column that follows */
	bool		keeps_old;		/* an update fills it only where it is NULL */
} CrmImportColumn;

/* A column of the staging relation that is read. */
typedef struct CrmImportSource
{
	char	   *name;
	const CrmImportField *field;	/* NULL: a column of the same name */
	CrmImportKind kind;
	int			attribute;		/* of the staging relation, from 0 */
	int			column;			/* of the target */
	bool		is_number;		/* by its type: there is one way to read it */
	bool		is_followed;	/* columns of the target follow it */
	struct CrmImportWords *words;	/* of a vocabulary */
	HTAB	   *references;		/* keys of the batch, and the rows that have them */
} CrmImportSource;

typedef enum CrmImportOutcome
{
	CRM_IMPORT_PENDING,
	CRM_IMPORT_INSERTED,
	CRM_IMPORT_UPDATED,
	CRM_IMPORT_SKIPPED,
	CRM_IMPORT_DUPLICATE,
	CRM_IMPORT_INVALID
} CrmImportOutcome;

#define CRM_NUM_OUTCOMES (CRM_IMPORT_INVALID + 1)

/* What to do with a row that is there already. */
typedef enum CrmOnDuplicate
{
	CRM_ON_DUPLICATE_SKIP,
	CRM_ON_DUPLICATE_UPDATE,
	CRM_ON_DUPLICATE_INSERT,
	CRM_ON_DUPLICATE_REPORT
} CrmOnDuplicate;

/* A line of the file, in the batch's memory. */
typedef struct CrmImportRow
{
	int64		line;
	CrmImportOutcome outcome;
	int64		id;				/* of the row that it becomes, changes or repeats */
	const char *reason;
	const char *column;			/* that the reason is about */
	const char *value;
	char	  **raw;			/* by source, as it came; NULL for nothing */
	char	  **texts;			/* by target column, cleaned; NULL for nothing */
	Datum	   *values;
	bool	   *nulls;
	const char *old_country;	/* of the row that it changes, where phones need it */
	const char *keys[2];		/* external_id, and the entity's own; NULL: none */
	bool		needs_row;		/* a row that it refers to must be made */
	bool		matched_by_own; /* the row id has the entity's own key */
	bool		was_overtaken;	/* somebody else wrote what it is about meanwhile */
	bool		has_hash;
	int64		hash;			/* of the row as it was stored */
	Datum		before_image;	/* jsonb; 0: none */
	StringInfo	created_rows;	/* a JSON array in the making; NULL: none */
	StringInfo	created_words;	/* the same for the report */
} CrmImportRow;

/* An import, from its first line to its last.  Lives in the caller's context. */
typedef struct CrmImport
{
	const CrmImportEntity *entity;
	CrmOnDuplicate on_duplicate;
	const char *region;			/* ISO 3166 code, or NULL */
	const char *default_region; /* the CRM's */
	bool		create_missing;
	int			batch_size;
	char	   *schema_name;
	char	   *schema;			/* quoted */
	Oid			target;
	char	   *target_name;	/* qualified and quoted */
	int64		id;				/* key in imports */
	int64		total_lines;
	int64		counts[CRM_NUM_OUTCOMES];
	int			reported_percent;

	CrmImportSource *sources;
	int			num_sources;
	int			line_source;	/* position in the staging query; -1: none */
	CrmImportColumn *columns;
	int			num_columns;
	char	   *next_id_sql;	/* where the key is no identity column */
	Oid			id_sequence;
	char	   *hash_sql;		/* over alias c */
	char	   *insert_sql;
	char	   *update_sql;
	char	   *before_sql;

	TupleDesc	staged_desc;	/* id, then the columns */
	MemoryContext context;		/* of the import, and the owner of its stores */
	ResourceOwner owner;
	EphemeralNamedRelation staged;
	EphemeralNamedRelation logged;

	MemoryContext batch_context;
	CrmImportRow *rows;			/* of the batch */
	int			num_rows;
	HTAB	   *keys;			/* of the batch: who has a key */
	HTAB	   *taken;			/* rows that a line of the round changes, by key */
	int			round;			/* of the batch */
	bool		keys_are_known; /* they were looked up once for the batch */

	ReturnSetInfo *result;
} CrmImport;

/* A piece of work that may fail. */
typedef void (*CrmImportWork) (void *argument);

/* import.c */
extern void crm_import_reject(CrmImportRow *row, const char *reason,
							  const char *column, const char *value);
extern Oid	crm_import_table(const char *schema, const char *table);
extern void crm_import_execute(const char *sql, int nargs, Oid *types, Datum *values,
							   const char *nulls);
extern void crm_import_check_at_once(const char *which);
extern char *crm_import_written_tables(const char *schema, Oid target);
extern void crm_import_look_up(const char *sql, int nargs, Oid *types, Datum *values);
extern void crm_import_read_state(const char *sql, int nargs, Oid *types, Datum *values);

/* import_columns.c */
extern const CrmImportEntity *crm_import_entity(const char *table);
extern void crm_import_read_columns(CrmImport *import, Oid staging);
extern char *crm_import_staging_sql(CrmImport *import, Oid staging);
extern int	crm_import_column(const CrmImport *import, const char *name);
extern char *crm_column_default_sql(Relation relation, AttrNumber number);

/* import_statements.c */
extern void crm_import_compose(CrmImport *import);
extern char *crm_import_hash_sql(Oid target);

/* import_clean.c */
extern char *crm_import_trim(char *text);
extern char *crm_import_clean_email(char *text);
extern const char *crm_import_clean_number(const char *text, char **cleaned);
extern void crm_import_clean_row(CrmImport *import, CrmImportRow *row);
extern void crm_import_fill_followers(CrmImport *import, const int *rows, int count);
extern struct CrmImportWords *crm_import_read_words(CrmImport *import, const char *table);

/* import_references.c */
extern void crm_import_resolve(CrmImport *import);
extern void crm_import_make_missing(CrmImport *import, CrmImportRow *row);

/* import_values.c */
extern void crm_import_convert(CrmImport *import);

/* import_match.c */
extern void crm_import_match(CrmImport *import);
extern bool crm_import_decide(CrmImport *import, int row);
extern void crm_import_settle_keys(CrmImport *import, int row);
extern bool crm_import_moves_key(CrmImport *import, int row);

/* import_store.c */
extern ErrorData *crm_import_try(CrmImportWork work, void *argument);
extern char *crm_import_reason(const ErrorData *error);
extern EphemeralNamedRelation crm_import_register(const char *name, TupleDesc desc);
extern void crm_import_renew_store(CrmImport *import, EphemeralNamedRelation relation);
extern void crm_import_prepare_store(CrmImport *import);
extern void crm_import_store(CrmImport *import, int *rows, int count, bool is_update);

/* import_log.c */
extern void crm_import_start_log(CrmImport *import, const char *staging_name,
								 const char *on_duplicate);
extern void crm_import_log_batch(CrmImport *import);
extern void crm_import_finish_log(CrmImport *import);

#endif							/* CRM_IMPORT_H */
