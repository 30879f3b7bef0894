	SELECT changed_at AS occurred_at,
		CASE kind
			WHEN 'created' THEN 'deal_created'::text
			WHEN 'won' THEN 'deal_won'
			WHEN 'lost' THEN 'deal_lost'
			WHEN 'reopened' THEN 'deal_reopened'
			WHEN 'stage' THEN 'deal_stage_changed'
			WHEN 'value' THEN 'deal_value_changed'
			ELSE 'deal_changed'
		END AS kind,
		deal_name AS title,
		CASE kind
			WHEN 'created' THEN pg_catalog.concat_ws(', ', new_stage::text, new_value::text || ' ' || new_currency)
			WHEN 'won' THEN new_value::text || ' ' || new_currency
			WHEN 'lost' THEN lost_reason
			WHEN 'value' THEN pg_catalog.concat_ws(' -> ', old_value::text || ' ' || old_currency, new_value::text || ' ' || new_currency)
			WHEN 'other' THEN pg_catalog.concat_ws(', ',
				CASE WHEN old_probability IS DISTINCT FROM new_probability
					THEN pg_catalog.concat('probability ', old_probability, ' -> ', new_probability) END,
				CASE WHEN old_expected_close_date IS DISTINCT FROM new_expected_close_date
					THEN pg_catalog.concat('expected close ', old_expected_close_date, ' -> ', new_expected_close_date) END,
				CASE WHEN old_owner_id IS DISTINCT FROM new_owner_id
					THEN pg_catalog.concat('owner ', old_owner_id, ' -> ', new_owner_id) END,
				CASE WHEN new_archived_at IS NOT NULL AND old_archived_at IS NULL THEN 'archived'
					WHEN old_archived_at IS NOT NULL AND new_archived_at IS NULL THEN 'restored' END)
			ELSE old_stage::text || ' -> ' || new_stage::text
		END AS description,
		contact_id,
		company_id,
		deal_id,
		COALESCE(actor, changed_by) AS actor,
		NULL::text AS direction,
		'deal_changes'::text AS source,
		id::text AS source_id,
		pg_catalog.jsonb_build_object('stage', new_stage, 'value', new_value, 'currency', new_currency,
			'probability', new_probability) AS details:event_key
	FROM :"schema".deal_changes
