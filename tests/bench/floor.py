"""The floor: the fewest statements a completion needs, sent by plain psycopg on prepared connections."""

import json
import time
from datetime import timedelta
from typing import Any

import psycopg

from tongxin import clock

# Who asks; case and task, locked together; the case; the task; the next one; its timer for the old one; the event.
SIGN_IN = """
    SELECT a.id, a.name, (SELECT json_agg(json_build_array(p.role, u.id, u.path)) FROM post p
      JOIN unit u ON u.id = p.unit_id WHERE p.account_id = a.id AND p.valid_to IS NULL)
    FROM token t JOIN account a ON a.id = t.account_id WHERE t.token_hash = %s AND t.revoked_at IS NULL"""
LOCK = """
    SELECT c.state, c.variables, c.chain_head, c.chain_length, t.key, t.unit_id FROM task t
    JOIN cases c ON c.id = t.case_id WHERE t.id = %s FOR UPDATE OF c, t"""
CASE = "UPDATE cases SET state = %s, variables = %s, chain_head = %s, chain_length = chain_length + 1 WHERE id = %s"
TASK = "UPDATE task SET status = 'completed', result = %s, closed_at = %s WHERE id = %s"
NEXT = """
    INSERT INTO task (case_id, key, node, name, role, unit_id, named, status, local, opened_at, due_at)
    VALUES (%s, %s, 'work', '办理', 'community_clerk', %s, false, 'open', '{}', %s, %s) RETURNING id"""
TIMER_GONE = "DELETE FROM timer WHERE case_id = %s"
TIMER_SET = "INSERT INTO timer (case_id, key, node, due_at, derivation) VALUES (%s, %s, 'late', %s, '{}')"
EVENT = """
    INSERT INTO event (case_id, seq, at, kind, actor_kind, details, salt, digest, hash)
    VALUES (%s, %s, %s, 'task_completed', 'person', %s, %s, %s, %s)"""
STATEMENTS = (SIGN_IN, LOCK, CASE, TASK, NEXT, TIMER_GONE, TIMER_SET, EVENT)


def complete(url: str, token_hash: bytes, case_id: int, task_id: int, seconds: float) -> list[float]:
    """Complete the task, and the one that follows, and so on; the time each took in seconds."""
    times = []
    with psycopg.connect(url, prepare_threshold=1) as connection:
        end = time.perf_counter() + seconds
        while (began := time.perf_counter()) < end:
            task_id = _one(connection, token_hash, case_id, task_id)
            times.append(time.perf_counter() - began)
    return times


def _one(connection: psycopg.Connection[Any], token_hash: bytes, case_id: int, task_id: int) -> int:
    now, some = clock.now(), bytes(32)
    with connection.cursor() as cursor:
        cursor.execute(SIGN_IN, (token_hash,)).fetchone()
        state, variables, head, length, key, unit = cursor.execute(LOCK, (task_id,)).fetchone() or ()
        cursor.execute(CASE, (state, json.dumps(variables), head, case_id))
        cursor.execute(TASK, ('{"again": true}', now, task_id))
        due = now + timedelta(hours=8)
        following = cursor.execute(NEXT, (case_id, key + 100, unit, now, due)).fetchone() or ()
        cursor.execute(TIMER_GONE, (case_id,))
        cursor.execute(TIMER_SET, (case_id, key + 100, due))
        cursor.execute(EVENT, (case_id, length + 1, now, '{"again": true}', some[:16], some, some))
    connection.commit()
    return int(following[0])
