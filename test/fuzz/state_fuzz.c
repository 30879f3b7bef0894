/*
 * state_fuzz.c
 *		Feeds mutated text and binary forms of crm.pipeline_state to a server.
 *
 * The input and receive functions call the server's numeric, so they are
 * fuzzed where they live: through parameters of the wire protocol, against a
 * server that was built with assertions.  A refused value must be an ERROR of
 * a documented SQLSTATE; an accepted one must come out in a form that comes in
 * again as the same; the server must be alive after each.
 *
 * Usage: state_fuzz CONNINFO RUNS [SEED]
 */
#include <arpa/inet.h>
#include <libpq-fe.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LENGTH 4096

static const char *const text_seeds[] = {
	"(1,3,1500.50,750.2500,2)", "(1,0,0,0,0)", "(1,1,NaN,NaN,0)",
	"(1,2,Infinity,-Infinity,3)", "(1,7,1e30,1e-30,1)",
	"(1,999999999999999999,-0.0001,123456789.123456789,2)", "(2,3,1,1,2)"
};

static const char *const allowed_states[] = {
	"22P02",					/* syntax */
	"22P03",					/* binary form */
	"22003",					/* number out of range */
	"0A000",					/* version of the future */
	"08P01",					/* too short a message */
	"22021",					/* not valid in the encoding */
	NULL
};

typedef struct Input
{
	char		bytes[MAX_LENGTH];
	int			length;
	int			format;			/* 0 text, 1 binary */
} Input;

static uint64_t random_state;

static uint32_t
next_random(void)
{
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t) (random_state >> 33);
}

static void
die(PGconn *conn, const char *what, const Input *input)
{
	int			i;

	fprintf(stderr, "%s: %s\ninput (%s):", what, PQerrorMessage(conn),
			input->format ? "binary" : "text");
	for (i = 0; i < input->length; i++)
		fprintf(stderr, " %02x", (unsigned char) input->bytes[i]);
	fprintf(stderr, "\n");
	exit(1);
}

static PGresult *
run(PGconn *conn, const char *sql, const Input *input, int result_format)
{
	const char *values[1] = {input->bytes};
	int			lengths[1] = {input->length};
	int			formats[1] = {input->format};

	return PQexecParams(conn, sql, 1, NULL, values, lengths, formats, result_format);
}

/* A seed in either form; the server itself makes the binary one. */
static void
make_seed(PGconn *conn, Input *input)
{
	const char *seed = text_seeds[next_random() % (sizeof(text_seeds) / sizeof(*text_seeds) - 1)];

	input->format = 0;
	input->length = (int) strlen(seed);
	memcpy(input->bytes, seed, input->length + 1);
	if (next_random() % 2)
	{
		PGresult   *result = run(conn, "SELECT $1::crm.pipeline_state", input, 1);

		if (PQresultStatus(result) != PGRES_TUPLES_OK)
			die(conn, "seed refused", input);
		input->length = PQgetlength(result, 0, 0);
		memcpy(input->bytes, PQgetvalue(result, 0, 0), input->length);
		input->format = 1;
		PQclear(result);
	}
}

static void
mutate_once(Input *input)
{
	int			at = input->length > 0 ? (int) (next_random() % input->length) : 0;
	int			count;

	switch (next_random() % 6)
	{
		case 0:					/* flip a bit */
			input->bytes[at] ^= (char) (1 << next_random() % 8);
			break;
		case 1:					/* another byte */
			input->bytes[at] = input->format ? (char) next_random() :
				"(),.-+0123456789eENaInfity "[next_random() % 27];
			break;
		case 2:					/* cut off the end */
			input->length = at;
			break;
		case 3:					/* double a part */
			count = input->length - at;
			if (input->length + count < MAX_LENGTH - 1)
			{
				memmove(input->bytes + at + count, input->bytes + at, count);
				input->length += count;
			}
			break;
		case 4:					/* leave a part out */
			if (input->length > 0)
			{
				memmove(input->bytes + at, input->bytes + at + 1, input->length - at - 1);
				input->length--;
			}
			break;
		default:				/* an extreme number where one may stand */
			if (input->format && at + 4 <= input->length)
				memcpy(input->bytes + at, "\x7f\xff\xff\xff", 4);
	}
}

static int
is_allowed(const char *state)
{
	int			i;

	for (i = 0; allowed_states[i] != NULL; i++)
		if (state != NULL && strcmp(state, allowed_states[i]) == 0)
			return 1;
	return 0;
}

/* What came in must come out, go in again, and come out the same. */
static void
try_input(PGconn *conn, const Input *input)
{
	PGresult   *result = run(conn,
							 "SELECT s::text::crm.pipeline_state::text = s::text"
							 " AND crm.summary(s)::text = (SELECT crm.summary(crm.pipeline_merge(p))::text"
							 "  FROM (VALUES (s), (NULL)) AS v (p))"
							 " FROM (SELECT $1::crm.pipeline_state AS s) AS t", input, 0);

	if (PQstatus(conn) != CONNECTION_OK)
		die(conn, "the server is gone", input);
	if (PQresultStatus(result) == PGRES_TUPLES_OK)
	{
		if (strcmp(PQgetvalue(result, 0, 0), "t") != 0)
			die(conn, "not the same after a round trip", input);
	}
	else if (!is_allowed(PQresultErrorField(result, PG_DIAG_SQLSTATE)))
		die(conn, "an error of another kind", input);
	PQclear(result);
}

int
main(int argc, char **argv)
{
	PGconn	   *conn;
	Input		input;
	long		runs;
	long		i;
	int			mutations;

	if (argc < 3)
	{
		fprintf(stderr, "usage: %s CONNINFO RUNS [SEED]\n", argv[0]);
		return 2;
	}
	runs = atol(argv[2]);
	random_state = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
	conn = PQconnectdb(argv[1]);
	if (PQstatus(conn) != CONNECTION_OK)
	{
		fprintf(stderr, "%s", PQerrorMessage(conn));
		return 2;
	}
	PQclear(PQexec(conn, "SET client_min_messages = error"));

	for (i = 0; i < runs; i++)
	{
		make_seed(conn, &input);
		for (mutations = 1 + next_random() % 4; mutations > 0; mutations--)
			mutate_once(&input);
		input.bytes[input.length] = '\0';
		if (!input.format)
			input.length = (int) strlen(input.bytes);
		try_input(conn, &input);
	}
	PQfinish(conn);
	printf("state_fuzz: %ld runs ok\n", runs);
	return 0;
}
