-- The index through which a contact's likely duplicates are found in milliseconds;
-- what crm.create_match_index makes.  It is known by its operator class, and called
-- contacts_match_keys_idx where nothing else is.  Without a pending list, which a
-- search would read from beginning to end.

CREATE INDEX ON :"schema".contacts USING gin (
	crm.match_keys(first_name => first_name, last_name => last_name, email => email, additional_emails => additional_emails,
		phone_e164 => phone_e164, phone => phone, additional_phones => additional_phones, date_of_birth => date_of_birth,
		street => street, city => city, postal_code => postal_code, state => state, country => country,
		company_id => company_id, job_title => job_title) crm.match_keys_ops) WITH (fastupdate = off);
