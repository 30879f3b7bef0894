-- The rows that a new CRM starts with.

INSERT INTO :"schema".activity_types (name, position, description) VALUES
	('call', 1, 'Telephone or video call'),
	('email', 2, 'E-mail written or to be written by hand'),
	('meeting', 3, 'Meeting'),
	('note', 4, 'Note, without a time of its own'),
	('task', 5, 'Something to be done');

INSERT INTO :"schema".contact_statuses (name, position, description) VALUES
	('lead', 1, 'Not yet qualified'),
	('prospect', 2, 'Qualified, has not bought yet'),
	('customer', 3, 'Has bought'),
	('former', 4, 'Was a customer'),
	('disqualified', 5, 'Not to be pursued');

INSERT INTO :"schema".contact_sources (name, position, description) VALUES
	('website', 1, 'Form or chat on the website'),
	('referral', 2, 'Recommended by somebody'),
	('ads', 3, 'Advertisement'),
	('event', 4, 'Trade fair, conference or webinar'),
	('outbound', 5, 'Approached by us'),
	('import', 6, 'Taken over from another system'),
	('other', 7, 'Anything else');

INSERT INTO :"schema".company_sizes (name, position, description) VALUES
	('1-10', 1, '1 to 10 employees'),
	('11-50', 2, '11 to 50 employees'),
	('51-200', 3, '51 to 200 employees'),
	('201-500', 4, '201 to 500 employees'),
	('501-1000', 5, '501 to 1,000 employees'),
	('1001-5000', 6, '1,001 to 5,000 employees'),
	('5001-10000', 7, '5,001 to 10,000 employees'),
	('10001+', 8, 'More than 10,000 employees');

INSERT INTO :"schema".pipelines (name, position) VALUES ('Sales', 1);

INSERT INTO :"schema".pipeline_stages
	(pipeline_id, name, position, probability, rotting_days, counts_as)
	SELECT p.id, s.name, s.position, crm.default_probability(s.stage), s.rotting_days, s.stage
	FROM :"schema".pipelines AS p,
		(VALUES
			('Lead', 1, 30, 'lead'::crm.deal_stage),
			('Qualified', 2, 30, 'qualified'),
			('Proposal', 3, 21, 'proposal'),
			('Negotiation', 4, 14, 'negotiation'),
			('Won', 5, NULL, 'won'),
			('Lost', 6, NULL, 'lost'))
		AS s (name, position, rotting_days, stage);
