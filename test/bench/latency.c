/*
 * latency.c
 *		Measures how long a client waits for the statements of a group.
 *
 *		latency CONNECTION FILE ROUNDS
 *
 * FILE has cases below lines "--: key | label | base | target", where base is
 * the key of the case that the ratio is formed with, and base and target may be
 * missing.  A line "--= key | label | base | target" shows the ratio of a case
 * to another one once more.  Below a case's first line may stand
 *
 *		--@ arguments: SELECT ...	each row is one call's $1, $2, ..., in turn
 *		--@ setup: SET ...			once in a new connection
 *		--@ each: SET ROLE ...		before every call; several take turns
 *		--@ calls: 1				calls in a block, 25 by default
 *		--@ connection: new			a connection for every call
 *		--@ protocol: prepared		only that one, or only "simple"
 *		--@ rows: any				none are no error
 *
 * and then the statement.  Each case has a connection of its own for the
 * extended protocol (one prepared statement) and one for the simple protocol
 * (the arguments as literals).  Blocks of calls run in turn, case after case,
 * ROUNDS times and once before to warm up.  p50 and p95 are of all calls; a
 * ratio is the median of the ratios that the blocks of one round have, so that
 * a slow moment falls on both sides.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#define MAX_CASES	100
#define MAX_EACH	4
#define MAX_PARAMS	9
#define LABEL_WIDTH	62

enum
{PREPARED, SIMPLE, NUM_PROTOCOLS};

typedef struct Case
{
	char	   *key;
	char	   *label;
	char	   *base;
	char	   *target;
	int			shows_ratio_only;
	char	   *sql;
	char	   *arguments;
	char	   *setup;
	char	   *each[MAX_EACH];
	int			num_each;
	int			calls;
	int			new_connection;
	int			may_be_empty;
	int			runs[NUM_PROTOCOLS];
	PGresult   *rows;			/* of the arguments */
	PGconn	   *connection[NUM_PROTOCOLS];
	int			num_calls;		/* so far; arguments and roles take turns */
	double	   *times[NUM_PROTOCOLS];	/* of round 1, 2, ... */
	double	   *medians[NUM_PROTOCOLS];	/* of each round */
} Case;

static Case cases[MAX_CASES];
static int	num_cases;
static int	rounds;
static const char *conninfo;

static void
die(const char *format,...)
{
	va_list		list;

	va_start(list, format);
	fputs("latency: ", stderr);
	vfprintf(stderr, format, list);
	fputc('\n', stderr);
	va_end(list);
	exit(1);
}

static void *
allocate(void *old, size_t size)
{
	void	   *memory = realloc(old, size);

	if (memory == NULL)
		die("out of memory");
	return memory;
}

static char *
copy(const char *text)
{
	return strcpy(allocate(NULL, strlen(text) + 1), text);
}

/* ----------
 * the file
 * ----------
 */

/* Cuts the text's blanks off, in place. */
static char *
trim(char *text)
{
	char	   *end = text + strlen(text);

	while (end > text && strchr(" \t\n", end[-1]) != NULL)
		*--end = '\0';
	return text + strspn(text, " \t");
}

/* The next part of a line "a | b | c", or "". */
static char *
next_part(char **rest)
{
	char	   *part = *rest == NULL ? "" : *rest;
	char	   *bar = strchr(part, '|');

	*rest = NULL;
	if (bar != NULL)
	{
		*bar = '\0';
		*rest = bar + 1;
	}
	return copy(trim(part));
}

static void
add_case(char *line)
{
	Case	   *new = &cases[num_cases++];

	if (num_cases == MAX_CASES)
		die("too many cases");
	new->shows_ratio_only = line[2] == '=';
	line += 4;
	new->key = next_part(&line);
	new->label = next_part(&line);
	new->base = next_part(&line);
	new->target = next_part(&line);
	new->sql = copy("");
	new->calls = 25;
	new->runs[PREPARED] = new->runs[SIMPLE] = 1;
}

static void
set_option(Case *its, char *line)
{
	char	   *value = strchr(line, ':');
	char	   *name = trim(line + 4);

	if (value == NULL)
		die("no value: %s", line);
	*value = '\0';
	value = copy(trim(value + 1));
	if (strcmp(name, "arguments") == 0)
		its->arguments = value;
	else if (strcmp(name, "setup") == 0)
		its->setup = value;
	else if (strcmp(name, "each") == 0 && its->num_each < MAX_EACH)
		its->each[its->num_each++] = value;
	else if (strcmp(name, "calls") == 0)
		its->calls = atoi(value);
	else if (strcmp(name, "connection") == 0)
		its->new_connection = strcmp(value, "new") == 0;
	else if (strcmp(name, "rows") == 0)
		its->may_be_empty = strcmp(value, "any") == 0;
	else if (strcmp(name, "protocol") == 0)
		its->runs[strcmp(value, "simple") == 0 ? PREPARED : SIMPLE] = 0;
	else
		die("unknown option: %s", name);
}

static void
read_cases(const char *path)
{
	FILE	   *file = fopen(path, "r");
	char		line[4096];

	if (file == NULL)
		die("could not open %s", path);
	while (fgets(line, sizeof(line), file) != NULL)
	{
		Case	   *last = num_cases > 0 ? &cases[num_cases - 1] : NULL;

		if (strncmp(line, "--: ", 4) == 0 || strncmp(line, "--= ", 4) == 0)
			add_case(line);
		else if (last != NULL && strncmp(line, "--@ ", 4) == 0)
			set_option(last, line);
		else if (last != NULL && !last->shows_ratio_only)
		{
			last->sql = allocate(last->sql, strlen(last->sql) + strlen(line) + 1);
			strcat(last->sql, line);
		}
	}
	fclose(file);
}

static Case *
find_case(const char *key)
{
	int			i;

	for (i = 0; i < num_cases; i++)
		if (!cases[i].shows_ratio_only && strcmp(cases[i].key, key) == 0)
			return &cases[i];
	die("no case \"%s\"", key);
	return NULL;
}

/* ----------
 * calls
 * ----------
 */

static PGresult *
check(PGconn *connection, PGresult *result, const char *what)
{
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
		die("%s\n%s", PQerrorMessage(connection), what);
	return result;
}

static void
run(PGconn *connection, const char *sql)
{
	PQclear(check(connection, PQexec(connection, sql), sql));
}

static PGconn *
open_connection(const Case *its, int protocol)
{
	PGconn	   *connection = PQconnectdb(conninfo);

	if (PQstatus(connection) != CONNECTION_OK)
		die("%s", PQerrorMessage(connection));
	if (its->setup != NULL)
		run(connection, its->setup);
	if (protocol == PREPARED)
		PQclear(check(connection, PQprepare(connection, "it", its->sql, 0, NULL), its->sql));
	return connection;
}

static void
prepare_case(Case *its)
{
	PGconn	   *connection = PQconnectdb(conninfo);
	int			protocol;

	if (PQstatus(connection) != CONNECTION_OK)
		die("%s", PQerrorMessage(connection));
	if (its->arguments != NULL)
	{
		its->rows = check(connection, PQexec(connection, its->arguments), its->arguments);
		if (PQntuples(its->rows) == 0 || PQnfields(its->rows) > MAX_PARAMS)
			die("no arguments, or too many: %s", its->arguments);
	}
	PQfinish(connection);
	for (protocol = 0; protocol < NUM_PROTOCOLS; protocol++)
	{
		its->times[protocol] = allocate(NULL, sizeof(double) * its->calls * (rounds + 1));
		its->medians[protocol] = allocate(NULL, sizeof(double) * (rounds + 1));
		if (its->runs[protocol] && !its->new_connection)
			its->connection[protocol] = open_connection(its, protocol);
	}
}

/* The statement with its arguments as literals. */
static char *
with_literals(PGconn *connection, const Case *its, const char *const *values, int count)
{
	char	   *literals[MAX_PARAMS];
	char	   *text;
	const char *from;
	char	   *to;
	size_t		size = strlen(its->sql) + 1;
	int			i;

	for (i = 0; i < count; i++)
	{
		literals[i] = PQescapeLiteral(connection, values[i], strlen(values[i]));
		size += 4 * strlen(literals[i]);
	}
	text = to = allocate(NULL, size);
	for (from = its->sql; *from != '\0';)
	{
		if (*from != '$')
		{
			*to++ = *from++;
			continue;
		}
		i = from[1] - '1';
		if (i < 0 || i >= count)
			die("no argument %.2s: %s", from, its->sql);
		to = stpcpy(to, literals[i]);
		from += 2;
		if ((size_t) (to - text) + strlen(from) >= size)
			die("an argument is used too often: %s", its->sql);
	}
	*to = '\0';
	for (i = 0; i < count; i++)
		PQfreemem(literals[i]);
	return text;
}

static double
microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

/* One call; from sending the statement until all of its rows are here. */
static double
call(Case *its, int protocol)
{
	PGconn	   *connection = its->new_connection ? open_connection(its, protocol) :
		its->connection[protocol];
	const char *values[MAX_PARAMS];
	int			count = its->rows != NULL ? PQnfields(its->rows) : 0;
	int			turn = its->num_calls++;
	char	   *text = NULL;
	PGresult   *result;
	double		start;
	int			i;

	for (i = 0; i < count; i++)
		values[i] = PQgetvalue(its->rows, turn % PQntuples(its->rows), i);
	if (protocol == SIMPLE)
		text = with_literals(connection, its, values, count);
	if (its->num_each > 0)
		run(connection, its->each[turn % its->num_each]);

	start = microseconds();
	result = protocol == SIMPLE ? PQexec(connection, text) :
		PQexecPrepared(connection, "it", count, values, NULL, NULL, 0);
	start = microseconds() - start;

	check(connection, result, its->sql);
	if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 0 &&
		!its->may_be_empty)
		die("no rows: %s", text != NULL ? text : its->sql);
	PQclear(result);
	free(text);
	if (its->new_connection)
		PQfinish(connection);
	return start;
}

/* ----------
 * figures
 * ----------
 */

static int
compare(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return x < y ? -1 : x > y;
}

/* The value that a share of the values, which it sorts a copy of, stays below. */
static double
percentile(const double *values, int count, double share)
{
	double	   *sorted = allocate(NULL, sizeof(double) * count);
	double		result;

	memcpy(sorted, values, sizeof(double) * count);
	qsort(sorted, count, sizeof(double), compare);
	result = sorted[(int) (share * (count - 1) + 0.5)];
	free(sorted);
	return result;
}

/* A round of 0 warms up and is overwritten. */
static void
run_block(Case *its, int protocol, int round)
{
	/* a server that has sorted much goes on freeing memory after its answer */
	static const struct timespec pause = {0, 30 * 1000 * 1000};
	double	   *times = its->times[protocol] + its->calls * (round > 0 ? round - 1 : 0);
	double		median;
	int			i;

	for (i = 0; i < its->calls; i++)
		times[i] = call(its, protocol);
	median = percentile(times, its->calls, 0.5);
	if (round > 0)
		its->medians[protocol][round - 1] = median;
	if (median > 5000)
		nanosleep(&pause, NULL);
}

static void
run_all(void)
{
	int			round;
	int			i;
	int			protocol;

	for (round = 0; round <= rounds; round++)
		for (i = 0; i < num_cases; i++)
			for (protocol = 0; protocol < NUM_PROTOCOLS; protocol++)
				if (!cases[i].shows_ratio_only && cases[i].runs[protocol])
					run_block(&cases[i], protocol, round);
}

static void
print_ratio(const Case *its, const Case *base, int protocol)
{
	double	   *ratios = allocate(NULL, sizeof(double) * rounds);
	double		ratio;
	int			i;

	for (i = 0; i < rounds; i++)
		ratios[i] = its->medians[protocol][i] / base->medians[protocol][i];
	ratio = percentile(ratios, rounds, 0.5);
	printf(ratio < 100 ? " %7.2f" : " %7.0f", ratio);
	free(ratios);
}

static void
print_case(const Case *shown)
{
	const Case *its = find_case(shown->key);
	const Case *base = shown->base[0] != '\0' ? find_case(shown->base) : NULL;
	int			protocol;

	printf("  %-*s", LABEL_WIDTH, shown->label);
	for (protocol = 0; protocol < NUM_PROTOCOLS; protocol++)
	{
		int			count = its->calls * rounds;

		if (!its->runs[protocol] || shown->shows_ratio_only)
			printf(" %8s %8s", "", "");
		else
			printf(" %8.1f %8.1f", percentile(its->times[protocol], count, 0.5),
				   percentile(its->times[protocol], count, 0.95));
		if (!its->runs[protocol] || base == NULL || !base->runs[protocol])
			printf(" %7s", "");
		else
			print_ratio(its, base, protocol);
	}
	printf("  %s\n", shown->target);
}

int
main(int argc, char **argv)
{
	int			i;

	if (argc != 4 || (rounds = atoi(argv[3])) < 1)
		die("usage: latency CONNECTION FILE ROUNDS");
	conninfo = argv[1];
	read_cases(argv[2]);
	for (i = 0; i < num_cases; i++)
		if (!cases[i].shows_ratio_only)
			prepare_case(&cases[i]);
	run_all();
	printf("  %-*s %8s %8s %7s %8s %8s %7s\n", LABEL_WIDTH, "", "prepared", "", "", "simple", "", "");
	printf("  %-*s %8s %8s %7s %8s %8s %7s  %s\n", LABEL_WIDTH, "microseconds", "p50", "p95", "ratio",
		   "p50", "p95", "ratio", "target");
	for (i = 0; i < num_cases; i++)
		print_case(&cases[i]);
	return 0;
}
