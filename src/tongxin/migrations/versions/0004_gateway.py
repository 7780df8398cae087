"""Residents' pages in a process of their own: what a resident hands in proves itself to the database.

The functions below run with the rights of the schema's owner and do one thing each. `tongxin.rights` says what else the
role `tongxin_portal` may do.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_OF_THE_OWNER = "SECURITY DEFINER SET search_path = public, pg_temp"
_NOTED = "INSERT INTO pass (xact, kind, id) SELECT pg_current_xact_id()::text::bigint"

FUNCTIONS = {
    "passes(kinds text[])": f"""RETURNS bigint[] LANGUAGE sql STABLE {_OF_THE_OWNER} AS $$
        SELECT coalesce(array_agg(id), '{{}}') FROM pass
        WHERE xact = pg_current_xact_id_if_assigned()::text::bigint AND kind = ANY(kinds) $$""",
    "case_by_link(wanted bigint, token text)": f"""RETURNS bigint LANGUAGE plpgsql {_OF_THE_OWNER} AS $$
        DECLARE
          found_id bigint;
        BEGIN
          SELECT id INTO found_id FROM cases
          WHERE id = wanted AND sha256(convert_to(token, 'UTF8')) IN (link_hash, form_hash);
          {_NOTED}, 'act', found_id WHERE found_id IS NOT NULL AND session_user = 'tongxin_portal';
          RETURN found_id;
        END $$""",
    "case_by_form(given text)": f"""RETURNS bigint LANGUAGE plpgsql {_OF_THE_OWNER} AS $$
        DECLARE
          found_id bigint;
        BEGIN
          SELECT id INTO found_id FROM cases
          WHERE once = left(encode(sha256(convert_to(given, 'UTF8')), 'hex'), 40) AND form_hash IS NOT NULL;
          {_NOTED}, 'act', found_id WHERE found_id IS NOT NULL AND session_user = 'tongxin_portal';
          RETURN found_id;
        END $$""",
    "case_by_code(given text)": f"""RETURNS bigint LANGUAGE plpgsql {_OF_THE_OWNER} AS $$
        DECLARE
          found_id bigint;
        BEGIN
          SELECT id INTO found_id FROM cases WHERE replace(code, '-', '') = given;
          {_NOTED}, 'look', found_id WHERE found_id IS NOT NULL AND session_user = 'tongxin_portal';
          RETURN found_id;
        END $$""",
    "hold_files(wanted bigint[])": f"""RETURNS void LANGUAGE sql {_OF_THE_OWNER} AS $$
        {_NOTED}, 'file', id FROM attachment
        WHERE id = ANY(wanted) AND case_id IS NULL AND uploaded_by IS NULL AND session_user = 'tongxin_portal' $$""",
    "note_made()": f"""RETURNS trigger LANGUAGE plpgsql {_OF_THE_OWNER} AS $$
        BEGIN
          {_NOTED}, TG_ARGV[0], NEW.id;
          RETURN NULL;
        END $$""",
    "void_links()": """RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          NEW.link_hash := NULL;
          NEW.form_hash := NULL;
          RETURN NEW;
        END $$""",
    "may_defer(task text, args jsonb)": f"""RETURNS boolean LANGUAGE sql STABLE {_OF_THE_OWNER} AS $$
        SELECT CASE task
          WHEN 'post_notice' THEN true
          WHEN 'call_connector' THEN (args->>'case_id')::bigint = ANY(passes('{{act}}'))
          WHEN 'deliver_message' THEN EXISTS (
            SELECT FROM case_link
            WHERE kind = 'merged' AND from_id = (args->>'case_id')::bigint AND to_id = ANY(passes('{{act}}'))
              AND args->>'message_id' ~ ('^' || to_id || ':[0-9]+:' || from_id || '$'))
          ELSE false END $$""",
    "answering_unit(ancestors bigint[], levels text[], wanted text, today date)": f"""
        RETURNS bigint LANGUAGE sql STABLE {_OF_THE_OWNER} AS $$
        SELECT u.id FROM unit u
        WHERE (u.id = ANY(ancestors) OR u.kind = 'department' AND u.parent_id = ANY(ancestors))
          AND u.level = ANY(levels)
          AND EXISTS (
            SELECT 1 FROM post p JOIN account a ON a.id = p.account_id AND a.active
            WHERE p.unit_id = u.id AND p.role = wanted
              AND p.valid_from <= today AND (p.valid_to IS NULL OR p.valid_to >= today))
        ORDER BY array_position(levels, u.level::text), (u.kind = 'department'), u.id LIMIT 1 $$""",
    "unit_of_holder(account bigint, wanted text, below text, ancestors bigint[], today date)": f"""
        RETURNS bigint LANGUAGE sql STABLE {_OF_THE_OWNER} AS $$
        SELECT u.id FROM post p JOIN unit u ON u.id = p.unit_id JOIN account a ON a.id = p.account_id AND a.active
        WHERE p.account_id = account AND p.role = wanted
          AND p.valid_from <= today AND (p.valid_to IS NULL OR p.valid_to >= today)
          AND (starts_with(u.path, below) OR u.id = ANY(ancestors) OR u.parent_id = ANY(ancestors))
        ORDER BY length(u.path) DESC LIMIT 1 $$""",
    # A bucket that runs empty at an even pace: `pace` for each one, `room` for as many as may come at once.
    "spend(wanted text, many int, pace interval, room interval, now timestamptz)": f"""
        RETURNS double precision LANGUAGE plpgsql {_OF_THE_OWNER} AS $$
        BEGIN
          INSERT INTO allowance AS had (key, empty_at) VALUES (wanted, now + pace * many)
          ON CONFLICT (key) DO UPDATE SET empty_at = greatest(had.empty_at, now) + pace * many
          WHERE greatest(had.empty_at, now) + pace * many <= now + room;
          IF FOUND THEN
            RETURN 0;
          END IF;
          RETURN (SELECT extract(epoch FROM empty_at + pace * many - room - now) FROM allowance WHERE key = wanted);
        END $$""",
}
# What stands on the board, for the functions below: nobody else reads it.
BOARD_CASE = """
    CREATE VIEW board_case AS
    SELECT c.id, c.definition_id, c.unit_id, c.place_id, c.status, c.variables, c.opened_at, c.closed_at, r.rule
    FROM cases c JOIN board_rule r ON r.definition_id = c.definition_id
    WHERE jsonb_array_length(r.rule->'columns') > 0
      AND NOT (c.status = 'closed' AND coalesce(jsonb_exists(r.rule->'withdrawn', c.outcome), false))
      AND NOT EXISTS (
        SELECT FROM case_link l JOIN cases o ON o.id = l.to_id
          LEFT JOIN board_rule s ON s.definition_id = o.definition_id
        WHERE l.from_id = c.id AND l.kind = 'merged'
          AND NOT (o.status = 'closed' AND coalesce(jsonb_exists(s.rule->'withdrawn', o.outcome), false)))"""
_HERE = "(unit_id = ANY(units) OR place_id = ANY(units))"
_FELT = "variables ->> (rule->>'satisfaction')"
BOARD = {
    "board_definitions(units bigint[])": f"""RETURNS SETOF bigint LANGUAGE sql STABLE {_OF_THE_OWNER} AS $$
        SELECT DISTINCT c.definition_id FROM cases c JOIN board_rule r ON r.definition_id = c.definition_id
        WHERE {_HERE} AND jsonb_array_length(r.rule->'columns') > 0 $$""",
    "board_page(units bigint[], state text, kinds jsonb, many int, skip int)": f"""
        RETURNS TABLE (definition_id bigint, status text, variables jsonb, opened_at timestamptz, closed_at timestamptz,
          place text, publication bigint, result text, thanks bigint, waiting jsonb)
        LANGUAGE sql STABLE {_OF_THE_OWNER} AS $$
        SELECT b.definition_id, b.status::text,
          (SELECT coalesce(jsonb_object_agg(key, value), '{{}}') FROM jsonb_each(b.variables)
            WHERE jsonb_exists(b.rule->'columns', key)),
          b.opened_at, b.closed_at, coalesce(place.name, u.name)::text, p.id, p.text::text,
          (SELECT count(*) FROM thanks t WHERE t.publication_id = p.id),
          (SELECT coalesce(jsonb_agg(jsonb_build_array(t.node, t.role)), '[]') FROM task t
            WHERE t.case_id = b.id AND t.status = 'open')
        FROM board_case b JOIN unit u ON u.id = b.unit_id LEFT JOIN unit place ON place.id = b.place_id
          LEFT JOIN publication p ON p.case_id = b.id AND p.public
        WHERE (b.unit_id = ANY(units) OR b.place_id = ANY(units)) AND (state = '' OR b.status = state)
          AND (kinds IS NULL OR b.variables ->> (b.rule->>'kind') IN (
            SELECT jsonb_array_elements_text(kinds->(b.definition_id::text))))
        ORDER BY b.opened_at DESC, b.id DESC LIMIT least(many, 100) OFFSET skip $$""",
    "board_numbers(units bigint[], since timestamptz)": f"""
        RETURNS TABLE (opened bigint, closed bigint, satisfied bigint, dissatisfied bigint)
        LANGUAGE sql STABLE {_OF_THE_OWNER} AS $$
        SELECT count(*) FILTER (WHERE opened_at >= since),
          count(*) FILTER (WHERE lately),
          count(*) FILTER (WHERE lately AND jsonb_exists(rule->'satisfied', {_FELT})),
          count(*) FILTER (WHERE lately AND jsonb_exists(rule->'dissatisfied', {_FELT}))
        FROM board_case, LATERAL (SELECT status = 'closed' AND closed_at >= since) AS told(lately)
        WHERE {_HERE} AND (opened_at >= since OR closed_at >= since) $$""",
    "board_result(wanted bigint)": f"""RETURNS boolean LANGUAGE sql STABLE {_OF_THE_OWNER} AS $$
        SELECT EXISTS (SELECT FROM publication WHERE id = wanted AND public) $$""",
    "board_thanked(results bigint[], marks bytea[])": f"""RETURNS SETOF bigint LANGUAGE sql STABLE {_OF_THE_OWNER} AS $$
        SELECT publication_id FROM thanks JOIN unnest(results, marks) AS given(result, mark)
          ON publication_id = result AND device = mark $$""",
    "board_thank(wanted bigint, mark bytea, now timestamptz)": f"""
        RETURNS boolean LANGUAGE sql {_OF_THE_OWNER} AS $$
        WITH entered AS (
          INSERT INTO thanks (publication_id, device, at)
          SELECT wanted, mark, now WHERE board_result(wanted) AND octet_length(mark) = 32
          ON CONFLICT DO NOTHING RETURNING 1)
        SELECT EXISTS (SELECT FROM entered) $$""",
    "board_unthank(wanted bigint, mark bytea)": f"""RETURNS void LANGUAGE sql {_OF_THE_OWNER} AS $$
        DELETE FROM thanks WHERE publication_id = wanted AND device = mark $$""",
}


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "pass",
        sa.Column("xact", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        prefixes=["UNLOGGED"],
    )
    op.create_index("pass_xact", "pass", ["xact"])
    op.create_table(
        "allowance",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("empty_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "board_rule",
        sa.Column("definition_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rule", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["definition_id"], ["definition.id"]),
        sa.PrimaryKeyConstraint("definition_id"),
    )
    op.add_column("cases", sa.Column("link_hash", sa.LargeBinary(), nullable=True))
    op.add_column("cases", sa.Column("form_hash", sa.LargeBinary(), nullable=True))
    op.create_index("cases_without_link", "cases", ["id"], postgresql_where=sa.text("link_hash IS NULL"))
    op.add_column("unit", sa.Column("phone", sa.String(length=30), nullable=True))
    for signature, body in FUNCTIONS.items():
        _create(signature, body)
    op.execute(BOARD_CASE)
    for signature, body in BOARD.items():
        _create(signature, body)
    for table, kind in (("cases", "act"), ("attachment", "file")):
        op.execute(
            f"CREATE TRIGGER note_made AFTER INSERT ON {table} FOR EACH ROW "
            f"WHEN (current_user = 'tongxin_portal') EXECUTE FUNCTION note_made('{kind}')"
        )
    op.execute(
        "CREATE TRIGGER void_links BEFORE UPDATE OF link_version ON cases FOR EACH ROW "
        "WHEN (OLD.link_version <> NEW.link_version) EXECUTE FUNCTION void_links()"
    )


def _create(signature: str, body: str) -> None:
    """Nobody may call a function but to whom it is granted."""
    op.get_bind().exec_driver_sql(f"CREATE FUNCTION {signature} {body}")
    op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")


def downgrade() -> None:
    """Take back."""
    op.execute("DROP TRIGGER void_links ON cases")
    for table in ("cases", "attachment"):
        op.execute(f"DROP TRIGGER note_made ON {table}")
    for signature in BOARD:
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("DROP VIEW board_case")
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION {signature} CASCADE")  # policies stand on some of them
    op.drop_column("unit", "phone")
    op.drop_index("cases_without_link", table_name="cases")
    op.drop_column("cases", "form_hash")
    op.drop_column("cases", "link_hash")
    for table in ("board_rule", "allowance", "pass"):
        op.drop_table(table)
