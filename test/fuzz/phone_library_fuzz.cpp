/*
 * phone_library_fuzz.cpp
 *		libFuzzer target: the wall around libphonenumber, as crm.so calls it.
 *
 * The first byte chooses the region, the rest is the text.  Asserts that no
 * exception or error comes through the wall, that every text ends inside its
 * field, and that the plain form, which crm.so passes for speed, is read as the
 * text itself is.
 */
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "phone/phone_library.h"

extern "C"
{
#include "values/phone_parse.h"

#include "promise.h"
}

static const char *const regions[] = {nullptr, "US", "DE", "IT", "GB", "AR", "BR", "MX",
	"RU", "CN", "JP", "KR", "CI", "AQ", "ZZ", "XK"};

static const CrmPhoneLibrary *
library(void)
{
	static const CrmPhoneLibrary *made;

	if (made == nullptr)
	{
		made = crm_phone_cxx_table();
		CHECK(made->version == CRM_PHONE_LIBRARY_VERSION);
		CHECK(made->prepare(0) == 0 && made->prepare(1) == 0);
		CHECK(strncmp(made->data_version(), "libphonenumber", 14) == 0);
	}
	return made;
}

template <size_t size>
static void
check_text(const char (&text)[size], const char *allowed)
{
	CHECK(memchr(text, '\0', size) != nullptr);
	CHECK(allowed == nullptr || strspn(text, allowed) == strlen(text));
}

static void
check_answer(const CrmLibraryPhone &phone)
{
	CHECK(phone.outcome >= CRM_LIBRARY_POSSIBLE && phone.outcome < CRM_LIBRARY_OUT_OF_MEMORY);
	check_text(phone.e164, "+0123456789");
	check_text(phone.extension, "0123456789");
	check_text(phone.region, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	check_text(phone.type, "abcdefghijklmnopqrstuvwxyz_");
	check_text(phone.national, nullptr);
	check_text(phone.international, nullptr);
	CHECK((phone.outcome == CRM_LIBRARY_POSSIBLE) == (phone.e164[0] == '+'));
	CHECK(phone.is_valid == 0 || phone.is_valid == 1);
}

/*
 * A normal form is a text like others.  That it is its own normal form cannot be
 * promised: libphonenumber takes a few numbers for national ones, and takes more off.
 */
static void
check_again(const CrmLibraryPhone &phone)
{
	CrmLibraryPhone again;

	library()->parse(phone.e164, strlen(phone.e164), nullptr,
					 CRM_LIBRARY_VALIDITY | CRM_LIBRARY_DETAILS, &again);
	check_answer(again);
}

static void
check_plain(const char *clean, size_t length, const char *region, CrmLibraryPhone &phone)
{
	char plain[CRM_PHONE_MAX_LENGTH];
	char extension[CRM_PHONE_EXTENSION_SIZE];
	size_t plain_length;
	CrmLibraryPhone other;

	if (!crm_phone_plain(clean, length, plain, &plain_length, extension))
		return;
	library()->parse(plain, plain_length, region, CRM_LIBRARY_VALIDITY | CRM_LIBRARY_DETAILS,
					 &other);
	CHECK(other.outcome == phone.outcome);
	if (phone.outcome != CRM_LIBRARY_POSSIBLE)
		return;
	CHECK(strcmp(phone.extension, extension) == 0);
	CHECK(strcmp(phone.e164, other.e164) == 0);
	CHECK(strcmp(phone.national, other.national) == 0);
}

extern "C" int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *region;
	char clean[CRM_PHONE_MAX_LENGTH];
	size_t length;
	CrmLibraryPhone phone;

	if (size == 0)
		return 0;
	region = regions[data[0] % (sizeof(regions) / sizeof(regions[0]))];
	/* raw bytes are refused or survived, though crm.so passes clean ones only */
	library()->parse(reinterpret_cast<const char *>(data + 1), size - 1, region,
					 CRM_LIBRARY_VALIDITY | CRM_LIBRARY_DETAILS, &phone);
	check_answer(phone);
	CHECK((size - 1 > CRM_PHONE_MAX_LENGTH) == (phone.outcome == CRM_LIBRARY_REFUSED));

	if (crm_phone_clean(reinterpret_cast<const char *>(data + 1), size - 1, clean, &length) !=
		CRM_PHONE_FINE)
		return 0;
	library()->parse(clean, length, region, CRM_LIBRARY_VALIDITY | CRM_LIBRARY_DETAILS, &phone);
	check_answer(phone);
	check_again(phone);
	check_plain(clean, length, region, phone);
	return 0;
}
