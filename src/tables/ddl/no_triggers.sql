-- Without triggers the columns that they fill have plain defaults.

ALTER TABLE :"schema".deals ALTER COLUMN stage SET DEFAULT 'lead';
ALTER TABLE :"schema".deals ALTER COLUMN currency SET DEFAULT :'home_currency';
