"""Tongxin: grassroots government procedures as executable BPMN diagrams."""
