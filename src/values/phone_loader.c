/*
 * phone_loader.c
 *		Finds and loads crm_phone.so, which brings libphonenumber.
 *
 * The library is optional and megabytes large, so it is loaded when a number is
 * first to be read.  That it is missing is no error here: international numbers
 * can be read without it.  So everything that could make the server's loader
 * raise an error is looked at before the loader is called: whether the file is
 * there, whether the linker takes it (libphonenumber itself may be missing), and
 * whether it is ours.
 *
 * A file that is missing is looked for again at the next call, so that a session
 * finds a package that is installed meanwhile.  A file that was refused is not
 * tried again in this session, unless crm.phone_library is set anew.  What has
 * been loaded stays: the server cannot unload.
 */
#include "values/phone_loader.h"

#include <dlfcn.h>
#include <sys/stat.h>

#include "miscadmin.h"
#include "utils/guc.h"

#define LIBDIR "$libdir"

static char *library_setting = NULL;

/* Set last, once all has been found well; NULL: look again. */
static const CrmPhoneLibrary *library = NULL;

/* Why there is none, in a sentence; refused: for good. */
static char problem[MAXPGPATH + 256];
static bool refused = false;

static bool
check_library_setting(char **newval, void **extra, GucSource source)
{
	if (**newval == '\0' || is_absolute_path(*newval) ||
		strncmp(*newval, LIBDIR "/", sizeof(LIBDIR)) == 0)
		return true;
	GUC_check_errdetail("A library is named by an absolute path or by one that begins with %s/.",
						LIBDIR);
	return false;
}

static void
forget_library(const char *newval, void *extra)
{
	library = NULL;
	refused = false;
}

void
crm_phone_loader_init(void)
{
	DefineCustomStringVariable("crm.phone_library",
							   "The library that reads telephone numbers with libphonenumber.",
							   "Empty: none, and only numbers that begin with + can be read. "
							   "Whoever may set this can have the server load any file.",
							   &library_setting,
							   LIBDIR "/crm_phone",
							   PGC_SUSET,
							   GUC_NOT_IN_SAMPLE,
							   check_library_setting, forget_library, NULL);
}

/* The file that the setting names; false if there is none. */
static bool
find_file(char *path)
{
	struct stat found;

	if (strncmp(library_setting, LIBDIR, strlen(LIBDIR)) == 0)
		snprintf(path, MAXPGPATH, "%s%s", pkglib_path, library_setting + strlen(LIBDIR));
	else
		strlcpy(path, library_setting, MAXPGPATH);
	if (stat(path, &found) == 0 && S_ISREG(found.st_mode))
		return true;
	if (strlcat(path, DLSUFFIX, MAXPGPATH) < MAXPGPATH &&
		stat(path, &found) == 0 && S_ISREG(found.st_mode))
		return true;
	snprintf(problem, sizeof(problem), _("There is no file \"%s\"."), path);
	return false;
}

/* Whether a library was built for this server; else the loader raises an error. */
static bool
has_our_magic(void *handle)
{
	static const Pg_magic_struct ours = CRM_MAGIC_DATA;
	PGModuleMagicFunction magic_function =
		(PGModuleMagicFunction) dlsym(handle, PG_MAGIC_FUNCTION_NAME_STRING);
	const Pg_magic_struct *magic;

	if (magic_function == NULL)
		return false;
	magic = magic_function();
	return magic->len == ours.len && CRM_SAME_ABI(magic, &ours);
}

/*
 * Whether the linker takes the file and finds our entry in it.  The handle is
 * given back: the server's loader opens the file again.
 */
static bool
is_loadable(const char *path)
{
	void	   *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	bool		ours;

	if (handle == NULL)
	{
		snprintf(problem, sizeof(problem), _("The library cannot be loaded: %s."), dlerror());
		return false;
	}
	ours = dlsym(handle, CRM_PHONE_LIBRARY_ENTRY) != NULL;
	if (!ours)
		snprintf(problem, sizeof(problem), _("The library \"%s\" is another one."), path);
	else if (!has_our_magic(handle))
	{
		snprintf(problem, sizeof(problem), _("The server refused the library \"%s\"."), path);
		ours = false;
	}
	dlclose(handle);
	return ours;
}

/* Codes of the library as errors, with no frame of C++ on the stack. */
static void
prepare(const CrmPhoneLibrary *candidate)
{
	int			code = candidate->prepare(false);

	if (code == CRM_LIBRARY_OUT_OF_MEMORY)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory"),
				 errdetail("Failed while reading the metadata of libphonenumber.")));
	if (code != 0)
		ereport(ERROR,
				(errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
				 errmsg("could not read the metadata of libphonenumber")));
}

static const CrmPhoneLibrary *
load(const char *path)
{
	CrmPhoneLibraryEntry entry;
	const CrmPhoneLibrary *candidate;

	refused = true;
	if (!is_loadable(path))
		return NULL;
	snprintf(problem, sizeof(problem), _("The server refused the library \"%s\"."), path);
	entry = (CrmPhoneLibraryEntry)
		load_external_function(path, CRM_PHONE_LIBRARY_ENTRY, true, NULL);
	candidate = entry();
	if (candidate->version != CRM_PHONE_LIBRARY_VERSION)
	{
		snprintf(problem, sizeof(problem),
				 _("The library \"%s\" has version %d of the interface, and this one of crm needs %d."),
				 path, candidate->version, CRM_PHONE_LIBRARY_VERSION);
		return NULL;
	}
	refused = false;
	prepare(candidate);
	return candidate;
}

/* The library, loaded and ready; NULL if there is none. */
const CrmPhoneLibrary *
crm_phone_library_find(void)
{
	char		path[MAXPGPATH];

	if (likely(library != NULL))
		return library;
	if (refused)
		return NULL;
	if (*library_setting == '\0')
		strlcpy(problem, _("The setting crm.phone_library is empty."), sizeof(problem));
	else if (find_file(path))
		library = load(path);
	return library;
}

/* To be called after crm_phone_library_find has returned NULL. */
void
crm_phone_library_report_missing(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot read this telephone number without libphonenumber"),
			 errdetail("%s", problem),
			 errhint("Install the package postgresql-%d-crm with libphonenumber, or build crm with WITH_PHONENUMBER=yes; numbers with + and their country calling code are read without it.",
					 PG_MAJORVERSION_NUM)));
}
