/*
 * phone_cxx.cpp
 *		All C++ of the project: libphonenumber behind functions of C.
 *
 * No header of the server is included and none of its functions is called, so
 * that no error of the server can jump over a frame of C++.  Every function
 * that C calls is noexcept and turns exceptions into codes.  Nothing is
 * constructed when the library is loaded: the pointers below start as null, and
 * are set last.  A backend has one thread.
 *
 * Where memory runs out inside libphonenumber the process may end all the same:
 * it is not written for that.  Preloading moves most of its allocations to the
 * start of the server.
 */
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <set>
#include <string>

#include <dlfcn.h>

#include <phonenumbers/logger.h>
#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

#include "phone/phone_library.h"

using i18n::phonenumbers::Logger;
using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

/*
 * The metadata that are compiled into libphonenumber.  Its headers do not
 * declare them; weak, so that a build without them still links.
 */
namespace i18n
{
namespace phonenumbers
{
__attribute__((weak)) const void *metadata_get();
__attribute__((weak)) int metadata_size();
} /* namespace phonenumbers */
} /* namespace i18n */

namespace
{

const size_t longest_input = 128;

PhoneNumberUtil *phone_util = nullptr;
char version_text[96];

/* The default logger writes to stdout, which in a backend is nobody's. */
class NullLogger : public Logger
{
public:
	~NullLogger() override {}
	void WriteMessage(const std::string &) override {}
};

/* FNV-1a, 64 bits. */
unsigned long long
hash_bytes(const void *bytes, size_t length)
{
	const unsigned char *p = static_cast<const unsigned char *>(bytes);
	unsigned long long hash = 0xcbf29ce484222325ULL;

	while (length-- > 0)
		hash = (hash ^ *p++) * 0x100000001b3ULL;
	return hash;
}

/*
 * The version in the name of the file that the metadata were loaded from, such
 * as 8.12 of libphonenumber.so.8.12; the library itself cannot tell.
 */
void
write_file_version(char *out, size_t size)
{
	Dl_info where;
	char path[PATH_MAX];
	const char *suffix;

	out[0] = '\0';
	if (!dladdr(reinterpret_cast<void *>(&i18n::phonenumbers::metadata_get), &where) ||
		realpath(where.dli_fname, path) == nullptr)
		return;
	suffix = std::strstr(path, ".so.");
	if (suffix != nullptr)
		std::snprintf(out, size, " %s", suffix + 4);
}

/*
 * The hash of the metadata says which they are: rows keep this text to know
 * whether they were read by the same.
 */
void
write_version()
{
	char file_version[32];

	if (&i18n::phonenumbers::metadata_get == nullptr ||
		&i18n::phonenumbers::metadata_size == nullptr)
	{
		std::snprintf(version_text, sizeof version_text, "libphonenumber");
		return;
	}
	write_file_version(file_version, sizeof file_version);
	std::snprintf(version_text, sizeof version_text,
				  "libphonenumber%s metadata %016llx", file_version,
				  hash_bytes(i18n::phonenumbers::metadata_get(),
							 static_cast<size_t>(i18n::phonenumbers::metadata_size())));
}

PhoneNumberUtil *
get_util()
{
	if (phone_util == nullptr)
	{
		PhoneNumberUtil *made = PhoneNumberUtil::GetInstance();

		made->SetLogger(new NullLogger());	/* which it owns now */
		write_version();
		phone_util = made;
	}
	return phone_util;
}

/* Texts that do not fit are left out rather than cut. */
template <size_t size>
void
put(char (&out)[size], const std::string &text)
{
	if (text.size() >= size)
		return;
	std::memcpy(out, text.data(), text.size());
	out[text.size()] = '\0';
}

/* Compiles the patterns that reading, judging and writing numbers need. */
void
prepare_all_regions(PhoneNumberUtil *util)
{
	std::set<std::string> regions;
	PhoneNumber number;
	std::string text;

	util->GetSupportedRegions(&regions);
	for (const std::string &region : regions)
	{
		if (!util->GetExampleNumber(region, &number))
			continue;
		util->Format(number, PhoneNumberUtil::NATIONAL, &text);
		util->Parse(text, region, &number);
		util->GetRegionCodeForNumber(number, &text);
		util->GetNumberType(number);
	}
}

int
outcome_of_parse(PhoneNumberUtil::ErrorType error, const PhoneNumberUtil *util,
				 const char *region)
{
	switch (error)
	{
		case PhoneNumberUtil::NO_PARSING_ERROR:
			return CRM_LIBRARY_POSSIBLE;
		case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR:
			return region != nullptr && util->GetCountryCodeForRegion(region) == 0
					   ? CRM_LIBRARY_UNKNOWN_REGION
					   : CRM_LIBRARY_UNKNOWN_CODE;
		case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
		case PhoneNumberUtil::TOO_SHORT_NSN:
			return CRM_LIBRARY_TOO_SHORT;
		case PhoneNumberUtil::TOO_LONG_NSN:
			return CRM_LIBRARY_TOO_LONG;
		case PhoneNumberUtil::NOT_A_NUMBER:
			return CRM_LIBRARY_NOT_A_NUMBER;
	}
	return CRM_LIBRARY_NOT_A_NUMBER;
}

int
outcome_of_length(PhoneNumberUtil::ValidationResult result)
{
	switch (result)
	{
		case PhoneNumberUtil::IS_POSSIBLE:
			return CRM_LIBRARY_POSSIBLE;
		case PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY:
			return CRM_LIBRARY_NO_AREA_CODE;
		case PhoneNumberUtil::INVALID_COUNTRY_CODE:
			return CRM_LIBRARY_UNKNOWN_CODE;
		case PhoneNumberUtil::TOO_SHORT:
			return CRM_LIBRARY_TOO_SHORT;
		case PhoneNumberUtil::TOO_LONG:
			return CRM_LIBRARY_TOO_LONG;
		case PhoneNumberUtil::INVALID_LENGTH:
			return CRM_LIBRARY_WRONG_LENGTH;
	}
	return CRM_LIBRARY_WRONG_LENGTH;
}

const char *
type_name(PhoneNumberUtil::PhoneNumberType type)
{
	switch (type)
	{
		case PhoneNumberUtil::FIXED_LINE:
			return "fixed_line";
		case PhoneNumberUtil::MOBILE:
			return "mobile";
		case PhoneNumberUtil::FIXED_LINE_OR_MOBILE:
			return "fixed_line_or_mobile";
		case PhoneNumberUtil::TOLL_FREE:
			return "toll_free";
		case PhoneNumberUtil::PREMIUM_RATE:
			return "premium_rate";
		case PhoneNumberUtil::SHARED_COST:
			return "shared_cost";
		case PhoneNumberUtil::VOIP:
			return "voip";
		case PhoneNumberUtil::PERSONAL_NUMBER:
			return "personal_number";
		case PhoneNumberUtil::PAGER:
			return "pager";
		case PhoneNumberUtil::UAN:
			return "uan";
		case PhoneNumberUtil::VOICEMAIL:
			return "voicemail";
		case PhoneNumberUtil::UNKNOWN:
			break;
	}
	return "unknown";
}

/* Type, region and the two formats; the extension is a text of its own. */
void
write_details(const PhoneNumberUtil *util, PhoneNumber *number, CrmLibraryPhone *phone)
{
	std::string text;

	put(phone->type, type_name(util->GetNumberType(*number)));
	util->GetRegionCodeForNumber(*number, &text);
	/* ZZ: none fits; 001: a number of no country */
	if (text != "ZZ" && text != "001")
		put(phone->region, text);
	number->clear_extension();
	util->Format(*number, PhoneNumberUtil::NATIONAL, &text);
	put(phone->national, text);
	util->Format(*number, PhoneNumberUtil::INTERNATIONAL, &text);
	put(phone->international, text);
}

/*
 * A zero in front may be a trunk prefix that was kept because the number fits no
 * pattern with or without it.  Read in its international form it goes, so that
 * both spellings of a number come out the same.  In Italy the zero belongs to the
 * number.
 */
void
settle_leading_zero(const PhoneNumberUtil *util, PhoneNumber *number)
{
	const int italy = 39;
	std::string text;
	PhoneNumber again;

	if (!number->italian_leading_zero() || number->country_code() == italy)
		return;
	util->Format(*number, PhoneNumberUtil::E164, &text);
	if (util->Parse(text, "ZZ", &again) != PhoneNumberUtil::NO_PARSING_ERROR)
		return;
	if (number->has_extension())
		again.set_extension(number->extension());
	*number = again;
}

void
parse_number(const char *utf8, size_t length, const char *region, int wanted,
			 CrmLibraryPhone *phone)
{
	const PhoneNumberUtil *util = get_util();
	PhoneNumber number;
	std::string text;

	phone->outcome = outcome_of_parse(
		util->Parse(std::string(utf8, length), region != nullptr ? region : "ZZ", &number),
		util, region);
	if (phone->outcome != CRM_LIBRARY_POSSIBLE)
		return;
	settle_leading_zero(util, &number);
	phone->outcome = outcome_of_length(util->IsPossibleNumberWithReason(number));
	if (phone->outcome != CRM_LIBRARY_POSSIBLE)
		return;

	util->Format(number, PhoneNumberUtil::E164, &text);
	put(phone->e164, text);
	if (number.has_extension())
	{
		/* digits of other scripts stay as they are, in extensions only */
		text = number.extension();
		util->NormalizeDigitsOnly(&text);
		put(phone->extension, text);
	}
	if (wanted & CRM_LIBRARY_VALIDITY)
		phone->is_valid = util->IsValidNumber(number);
	if (wanted & CRM_LIBRARY_DETAILS)
		write_details(util, &number, phone);
}

extern "C"
{

static int
prepare(int all_regions) noexcept
{
	try
	{
		PhoneNumberUtil *util = get_util();

		if (all_regions)
			prepare_all_regions(util);
		return 0;
	}
	catch (const std::bad_alloc &)
	{
		return CRM_LIBRARY_OUT_OF_MEMORY;
	}
	catch (...)
	{
		return CRM_LIBRARY_FAILED;
	}
}

static const char *
data_version(void) noexcept
{
	return version_text;
}

static void
parse(const char *utf8, size_t length, const char *region, int wanted,
	  CrmLibraryPhone *phone) noexcept
{
	std::memset(phone, 0, sizeof *phone);
	if (length > longest_input)
	{
		phone->outcome = CRM_LIBRARY_REFUSED;
		return;
	}
	try
	{
		parse_number(utf8, length, region, wanted, phone);
	}
	catch (const std::bad_alloc &)
	{
		phone->outcome = CRM_LIBRARY_OUT_OF_MEMORY;
	}
	catch (...)
	{
		phone->outcome = CRM_LIBRARY_FAILED;
	}
}

} /* extern "C" */

const CrmPhoneLibrary library_table = {
	CRM_PHONE_LIBRARY_VERSION, prepare, data_version, parse
};

} /* namespace */

extern "C" const CrmPhoneLibrary *
crm_phone_cxx_table(void)
{
	return &library_table;
}
