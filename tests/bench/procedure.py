"""A procedure whose step has one timer and no message, and goes round for ever: what the bench completes."""

from tongxin.procedures.package import Package

_PROCEDURE = """
format = 1
key = "bench"
title = "测量"
code = "CL"
[start]
by = ["community_clerk"]
level = "community"
title = 'what'
"""
_DATA = """{"type": "object", "properties": {
  "what": {"type": "string", "title": "什么事", "maxLength": 500},
  "note": {"type": "string", "title": "说明", "maxLength": 500},
  "again": {"type": "boolean", "title": "再来"}}}"""
_START = """{"title": "开始", "type": "object", "required": ["what"], "properties": {
  "what": {"$ref": "../data.json#/properties/what"}}}"""
_WORK = """{"title": "办理", "type": "object", "required": ["again"], "properties": {
  "note": {"$ref": "../data.json#/properties/note"}, "again": {"$ref": "../data.json#/properties/again"}}}"""
_DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:tx="urn:tongxin:bpmn:1"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="defs" targetNamespace="urn:tongxin:bench">
  <bpmn:process id="bench" isExecutable="true">
    <bpmn:laneSet id="lanes"><bpmn:lane id="clerk" name="社区" tx:role="community_clerk" tx:level="community">
      <bpmn:flowNodeRef>begin</bpmn:flowNodeRef><bpmn:flowNodeRef>join</bpmn:flowNodeRef>
      <bpmn:flowNodeRef>work</bpmn:flowNodeRef><bpmn:flowNodeRef>late</bpmn:flowNodeRef>
      <bpmn:flowNodeRef>more</bpmn:flowNodeRef><bpmn:flowNodeRef>done</bpmn:flowNodeRef>
      <bpmn:flowNodeRef>lapsed</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
    <bpmn:startEvent id="begin"/>
    <bpmn:exclusiveGateway id="join"/>
    <bpmn:userTask id="work" name="办理" tx:form="work" tx:limit="PT8H"/>
    <bpmn:boundaryEvent id="late" attachedToRef="work"><bpmn:timerEventDefinition id="late_timer">
      <bpmn:timeDuration xsi:type="bpmn:tFormalExpression">P30D</bpmn:timeDuration>
    </bpmn:timerEventDefinition></bpmn:boundaryEvent>
    <bpmn:exclusiveGateway id="more" default="more_to_done"/>
    <bpmn:endEvent id="done"/><bpmn:endEvent id="lapsed"/>
    <bpmn:sequenceFlow id="begin_to_join" sourceRef="begin" targetRef="join"/>
    <bpmn:sequenceFlow id="join_to_work" sourceRef="join" targetRef="work"/>
    <bpmn:sequenceFlow id="work_to_more" sourceRef="work" targetRef="more"/>
    <bpmn:sequenceFlow id="more_to_join" sourceRef="more" targetRef="join">
      <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">again</bpmn:conditionExpression></bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="more_to_done" sourceRef="more" targetRef="done"/>
    <bpmn:sequenceFlow id="late_to_lapsed" sourceRef="late" targetRef="lapsed"/>
  </bpmn:process>
</bpmn:definitions>
"""

PACKAGE: Package = {
    "procedure.toml": _PROCEDURE,
    "data.json": _DATA,
    "process.bpmn": _DIAGRAM,
    "forms/start.json": _START,
    "forms/work.json": _WORK,
}
