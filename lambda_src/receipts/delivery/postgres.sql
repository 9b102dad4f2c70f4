-- The table that receipts are delivered into, and the role that delivers: run once by the database's
-- administrator, in the schema of their choice (set search_path first). PostgreSQL 12 or newer.
-- Running it again changes nothing. Then:  ALTER ROLE sluice PASSWORD '…';

CREATE TABLE IF NOT EXISTS receipts (
    customer_id  text         NOT NULL,
    file_id      char(32)     NOT NULL,               -- the first half of the picture's SHA-256, in hex
    receipt      smallint     NOT NULL,               -- its place in the picture, from 0 on
    revision     smallint     NOT NULL,               -- 0: as it was read; 1 …: corrections, the highest holds
    batch_id     text         NOT NULL,               -- the batch in which the picture was read first
    kind         text,                                -- null, here and below: it could not be read
    merchant     text,
    receipt_date date,
    currency     char(3),
    total        numeric(15, 3),
    taxes        jsonb        NOT NULL DEFAULT '[]',  -- [{"rate", "net", "amount"}], decimals as text
    review       text[]       NOT NULL DEFAULT '{}',  -- what nobody is sure of: "date:ambiguous-day-and-month"
    read_at      timestamptz  NOT NULL,
    delivered_at timestamptz  NOT NULL DEFAULT now(),

    CONSTRAINT receipts_pkey PRIMARY KEY (customer_id, file_id, receipt, revision),
    CONSTRAINT receipts_place CHECK (receipt >= 0 AND revision >= 0),
    CONSTRAINT receipts_kind CHECK (kind IN ('purchase', 'refund')),
    CONSTRAINT receipts_currency CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT receipts_total CHECK (total <> 'NaN'),
    CONSTRAINT receipts_taxes CHECK (jsonb_typeof(taxes) = 'array')
);

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sluice') THEN
        CREATE ROLE sluice LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT;
    END IF;
END
$$;

-- Insert and select, and nothing else: what stands is never changed, and never deleted.
REVOKE ALL ON receipts FROM sluice;
GRANT INSERT, SELECT ON receipts TO sluice;

-- Worth setting: twice as many connections as there are lanes (one that was cut off is noticed after
-- half a minute), so that the database holds Sluice to its word whatever goes wrong outside:
--   ALTER ROLE sluice CONNECTION LIMIT 4;
