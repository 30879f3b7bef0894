/*
 * deal_stage.c
 *		The deal stages and their default probabilities.
 *
 * The six labels are the meaning.  The functions are IMMUTABLE on that
 * promise: a label that somebody added to the enum, or renamed, is an error
 * that names it, never a guess.
 *
 * Enum values are OIDs, which differ between databases and after DROP/CREATE
 * EXTENSION.  Each backend keeps a small table from OID to stage; a syscache
 * callback empties it whenever pg_enum changes.  The table is static memory
 * and each slot is written last, so an ERROR at any line leaves it valid.
 */
#include "pipeline/deal_stage.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/jsonb.h"
#include "utils/syscache.h"

#define STAGE(label, probability) {label, sizeof(label) - 1, probability}

const CrmStageInfo crm_stages[CRM_NUM_STAGES] = {
	STAGE("lead", 10),
	STAGE("qualified", 25),
	STAGE("proposal", 50),
	STAGE("negotiation", 75),
	STAGE("won", 100),
	STAGE("lost", 0)
};

CrmStageSlot crm_stage_slots[CRM_STAGE_SLOTS];

/* The way back; InvalidOid: not looked up yet. */
static Oid	stage_oids[CRM_NUM_STAGES];

#define STAGE_LIST_HINT \
	"The stages are lead, qualified, proposal, negotiation, won and lost."

static void
forget_stages(Datum arg, int cacheid, uint32 hashvalue)
{
	memset(crm_stage_slots, 0, sizeof(crm_stage_slots));
	memset(stage_oids, 0, sizeof(stage_oids));
}

void
crm_deal_stage_init(void)
{
	CacheRegisterSyscacheCallback(ENUMOID, forget_stages, (Datum) 0);
}

/* True and *stage set if the bytes are exactly one of the labels. */
bool
crm_stage_match(const char *bytes, int length, CrmStage *stage)
{
	int			i;

	for (i = 0; i < CRM_NUM_STAGES; i++)
	{
		if (crm_stages[i].label_length == length &&
			memcmp(crm_stages[i].label, bytes, length) == 0)
		{
			*stage = (CrmStage) i;
			return true;
		}
	}
	return false;
}

static bool
looks_like_number(const char *bytes, int length)
{
	int			i;

	for (i = 0; i < length; i++)
		if (bytes[i] == '\0' || strchr("0123456789.+-eE ", bytes[i]) == NULL)
			return false;
	return length > 0;
}

static void
report_unknown_stage(const char *bytes, int length)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown deal stage \"%s\"", crm_shown(bytes, length)),
			 looks_like_number(bytes, length) ?
			 errhint("If this is a probability, cast it to a number, and name the stage before it: (value, stage, probability).") :
			 errhint(STAGE_LIST_HINT " Map an application's own words with crm.to_stage(status, mapping).")));
}

/* The stage of a label in text form; errors name what is none. */
CrmStage
crm_stage_from_text(const char *bytes, int length)
{
	CrmStage	stage;

	if (!crm_stage_match(bytes, length, &stage))
		report_unknown_stage(bytes, length);
	return stage;
}

/*
 * The slow half of crm_stage_from_oid: reads pg_enum and remembers the answer.
 * Slots of other stages are left alone, so that two enum values sharing a slot
 * stay right, if slower.
 */
CrmStage
crm_stage_lookup(Oid label)
{
	HeapTuple	tuple = SearchSysCache1(ENUMOID, ObjectIdGetDatum(label));
	CrmStageSlot *slot;
	NameData	name;
	CrmStage	stage;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid internal value for deal stage: %u", label)));
	name = ((Form_pg_enum) GETSTRUCT(tuple))->enumlabel;
	ReleaseSysCache(tuple);

	if (!crm_stage_match(NameStr(name), (int) strlen(NameStr(name)), &stage))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown deal stage \"%s\"", NameStr(name)),
				 errdetail("The label was added to type crm.deal_stage, or renamed, after its creation."),
				 errhint(STAGE_LIST_HINT " Stages of your own are rows of pipeline_stages that count as one of these.")));

	slot = &crm_stage_slots[(label >> 1) & (CRM_STAGE_SLOTS - 1)];
	slot->stage = stage;
	slot->oid = label;
	return stage;
}

/* OID of type crm.deal_stage. */
Oid
crm_stage_type_oid(void)
{
	Oid			schema = get_namespace_oid(CRM_SCHEMA, false);
	Oid			type = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
									   CStringGetDatum("deal_stage"),
									   ObjectIdGetDatum(schema));

	if (!OidIsValid(type))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("type \"%s.deal_stage\" does not exist", CRM_SCHEMA)));
	return type;
}

static Oid
find_stage_oid(CrmStage stage)
{
	Oid			value = GetSysCacheOid2(ENUMTYPOIDNAME, Anum_pg_enum_oid,
										ObjectIdGetDatum(crm_stage_type_oid()),
										CStringGetDatum(crm_stages[stage].label));

	if (!OidIsValid(value))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("type crm.deal_stage has lost its label \"%s\"",
						crm_stages[stage].label),
				 errhint("Rename the label back.")));
	return value;
}

/* The enum value of a stage. */
Oid
crm_stage_oid(CrmStage stage)
{
	if (!OidIsValid(stage_oids[stage]))
		stage_oids[stage] = find_stage_oid(stage);
	return stage_oids[stage];
}

PG_FUNCTION_INFO_V1(crm_default_probability);
Datum
crm_default_probability(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(crm_stages[crm_stage_from_oid(PG_GETARG_OID(0))].probability);
}

PG_FUNCTION_INFO_V1(crm_stage_probability);
Datum
crm_stage_probability(PG_FUNCTION_ARGS)
{
	text	   *label = PG_GETARG_TEXT_PP(0);

	PG_RETURN_INT32(crm_stages[crm_stage_from_text(VARDATA_ANY(label),
												   VARSIZE_ANY_EXHDR(label))].probability);
}

PG_FUNCTION_INFO_V1(crm_is_open);
Datum
crm_is_open(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(CRM_STAGE_IS_OPEN(crm_stage_from_oid(PG_GETARG_OID(0))));
}

PG_FUNCTION_INFO_V1(crm_is_closed);
Datum
crm_is_closed(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!CRM_STAGE_IS_OPEN(crm_stage_from_oid(PG_GETARG_OID(0))));
}

PG_FUNCTION_INFO_V1(crm_is_won);
Datum
crm_is_won(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(crm_stage_from_oid(PG_GETARG_OID(0)) == CRM_STAGE_WON);
}

PG_FUNCTION_INFO_V1(crm_is_lost);
Datum
crm_is_lost(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(crm_stage_from_oid(PG_GETARG_OID(0)) == CRM_STAGE_LOST);
}

PG_FUNCTION_INFO_V1(crm_is_deal_stage);
Datum
crm_is_deal_stage(PG_FUNCTION_ARGS)
{
	text	   *label = PG_GETARG_TEXT_PP(0);
	CrmStage	stage;

	PG_RETURN_BOOL(crm_stage_match(VARDATA_ANY(label),
								   VARSIZE_ANY_EXHDR(label), &stage));
}

/* The stage that an application's word stands for. */
static CrmStage
mapped_stage(text *status, Jsonb *mapping)
{
	JsonbValue	found;
	CrmStage	stage;
	char	   *word = VARDATA_ANY(status);
	int			length = VARSIZE_ANY_EXHDR(status);

	if (!JB_ROOT_IS_OBJECT(mapping))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("stage mapping must be a JSON object"),
				 errhint("Write it as {\"word\": \"stage\", ...}.")));
	if (getKeyJsonValueFromContainer(&mapping->root, word, length, &found) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("status \"%s\" is not mapped to a deal stage",
						crm_shown(word, length)),
				 errhint("Add the word to the mapping; every word needs an entry, a stage's own name too.")));
	if (found.type != jbvString ||
		!crm_stage_match(found.val.string.val, found.val.string.len, &stage))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("status \"%s\" is mapped to %s, which is not a deal stage",
						crm_shown(word, length),
						found.type == jbvString ?
						psprintf("\"%s\"", crm_shown(found.val.string.val,
												 found.val.string.len)) :
						"something that is no text"),
				 errhint(STAGE_LIST_HINT)));
	return stage;
}

PG_FUNCTION_INFO_V1(crm_to_stage);
Datum
crm_to_stage(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("stage mapping must not be null")));

	PG_RETURN_OID(crm_stage_oid(mapped_stage(PG_GETARG_TEXT_PP(0),
											 PG_GETARG_JSONB_P(1))));
}
