/*
 * promise.h
 *		What the fuzz targets assert.
 */
#ifndef CRM_PROMISE_H
#define CRM_PROMISE_H

#include <stdio.h>
#include <stdlib.h>

/* Something that the documentation promises. */
#define CHECK(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "broken promise: %s\n", #condition); \
			abort(); \
		} \
	} while (0)

#endif							/* CRM_PROMISE_H */
