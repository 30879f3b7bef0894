	SELECT changed_at AS occurred_at,
		CASE
			WHEN kind OPERATOR(pg_catalog.=) 'created' THEN 'deal_created'::pg_catalog.text
			WHEN kind OPERATOR(pg_catalog.=) 'won' THEN 'deal_won'
			WHEN kind OPERATOR(pg_catalog.=) 'lost' THEN 'deal_lost'
			WHEN kind OPERATOR(pg_catalog.=) 'reopened' THEN 'deal_reopened'
			WHEN kind OPERATOR(pg_catalog.=) 'stage' THEN 'deal_stage_changed'
			WHEN kind OPERATOR(pg_catalog.=) 'value' THEN 'deal_value_changed'
			ELSE 'deal_changed'
		END AS kind,
		deal_name AS title,
		CASE
			WHEN kind OPERATOR(pg_catalog.=) 'created' THEN pg_catalog.concat_ws(', ', new_stage,
				CASE WHEN new_value IS NOT NULL THEN pg_catalog.concat_ws(' ', new_value, new_currency) END)
			WHEN kind OPERATOR(pg_catalog.=) 'won' THEN
				CASE WHEN new_value IS NOT NULL THEN pg_catalog.concat_ws(' ', new_value, new_currency) END
			WHEN kind OPERATOR(pg_catalog.=) 'lost' THEN lost_reason
			WHEN kind OPERATOR(pg_catalog.=) 'value' THEN pg_catalog.concat_ws(' ', COALESCE(old_value::pg_catalog.text, 'no value'), old_currency,
				'->', COALESCE(new_value::pg_catalog.text, 'no value'), new_currency)
			WHEN kind OPERATOR(pg_catalog.=) 'other' THEN pg_catalog.concat_ws(', ',
				CASE WHEN pg_catalog.concat(old_probability) OPERATOR(pg_catalog.<>) pg_catalog.concat(new_probability)
					THEN pg_catalog.concat_ws(' ', 'probability', old_probability, '->', COALESCE(new_probability::pg_catalog.text, 'none')) END,
				CASE WHEN pg_catalog.concat(old_expected_close_date) OPERATOR(pg_catalog.<>) pg_catalog.concat(new_expected_close_date)
					THEN pg_catalog.concat_ws(' ', 'expected close', old_expected_close_date, '->', COALESCE(new_expected_close_date::pg_catalog.text, 'none')) END,
				CASE WHEN pg_catalog.concat(old_owner_id) OPERATOR(pg_catalog.<>) pg_catalog.concat(new_owner_id)
					THEN pg_catalog.concat_ws(' ', 'owner', old_owner_id, '->', COALESCE(new_owner_id::pg_catalog.text, 'none')) END,
				CASE WHEN new_archived_at IS NOT NULL AND old_archived_at IS NULL THEN 'archived'
					WHEN old_archived_at IS NOT NULL AND new_archived_at IS NULL THEN 'restored' END)
			ELSE pg_catalog.concat(old_stage, ' -> ', new_stage)
		END AS description,
		contact_id,
		company_id,
		deal_id,
		COALESCE(actor, changed_by) AS actor,
		NULL::pg_catalog.text AS direction,
		'deal_changes'::pg_catalog.text AS source,
		id::pg_catalog.text AS source_id,
		pg_catalog.jsonb_build_object('stage', new_stage, 'value', new_value, 'currency', new_currency,
			'probability', new_probability) AS details:event_key
	FROM :"schema".deal_changes
