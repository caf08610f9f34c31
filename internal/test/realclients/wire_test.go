package realclients_test

import "encoding/json"

type object = map[string]any

// OpenAI's responses.

func response(t turn) object {
	return object{
		"id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "stand-in",
		"output": []any{outputItem(t)}, "parallel_tool_calls": false, "tools": []any{},
		"usage": object{
			"input_tokens": 10, "output_tokens": 5, "total_tokens": 15,
			"input_tokens_details": object{"cached_tokens": 0}, "output_tokens_details": object{"reasoning_tokens": 0},
		},
	}
}

func outputItem(t turn) object {
	if t.tool == "" {
		return object{
			"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
			"content": []any{object{"type": "output_text", "text": ending, "annotations": []any{}}},
		}
	}
	item := object{
		"type": "function_call", "id": "fc_1", "call_id": t.id, "status": "completed",
		"name": t.tool, "arguments": t.arguments,
	}
	if t.namespace != "" {
		item["namespace"] = t.namespace
	}
	return item
}

func responseEvents(t turn) []event {
	begun := response(t)
	begun["status"], begun["output"] = "in_progress", []any{}
	events := []event{
		{"response.created", object{"type": "response.created", "sequence_number": 0, "response": begun}},
		{"response.output_item.added", object{"type": "response.output_item.added", "sequence_number": 1, "output_index": 0, "item": outputItem(t)}},
	}
	if t.tool == "" {
		events = append(events, event{"response.output_text.delta", object{
			"type": "response.output_text.delta", "sequence_number": 2, "item_id": "msg_1",
			"output_index": 0, "content_index": 0, "delta": ending, "logprobs": []any{},
		}})
	}
	return append(events,
		event{"response.output_item.done", object{"type": "response.output_item.done", "sequence_number": 3, "output_index": 0, "item": outputItem(t)}},
		event{"response.completed", object{"type": "response.completed", "sequence_number": 4, "response": response(t)}},
	)
}

// OpenAI's chat completions.

// completion puts the message into the member of that name: message or delta.
func completion(member string, t turn) object {
	m, reason := object{"role": "assistant", "content": ending}, "stop"
	if t.tool != "" {
		m, reason = object{"role": "assistant", "content": nil, "tool_calls": []any{object{
			"index": 0, "id": t.id, "type": "function", "function": object{"name": t.tool, "arguments": t.arguments},
		}}}, "tool_calls"
	}
	kind := "chat.completion"
	if member == "delta" {
		kind = "chat.completion.chunk"
	}
	return object{
		"id": "chatcmpl-1", "object": kind, "created": 1, "model": "stand-in",
		"choices": []any{object{"index": 0, member: m, "finish_reason": reason}},
		"usage":   object{"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
	}
}

func completionEvents(t turn) []event {
	first, last := completion("delta", t), completion("delta", t)
	delete(first, "usage")
	first["choices"].([]any)[0].(object)["finish_reason"] = nil
	last["choices"].([]any)[0].(object)["delta"] = object{}
	return []event{{data: first}, {data: last}, {data: "[DONE]"}}
}

// Anthropic's messages.

func message(t turn) object {
	content, reason := object{"type": "text", "text": ending}, "end_turn"
	if t.tool != "" {
		content, reason = object{"type": "tool_use", "id": t.id, "name": t.tool, "input": json.RawMessage(t.arguments)}, "tool_use"
	}
	return object{
		"id": "msg_1", "type": "message", "role": "assistant", "model": "stand-in", "content": []any{content},
		"stop_reason": reason, "stop_sequence": nil, "usage": object{"input_tokens": 10, "output_tokens": 5},
	}
}

func messageEvents(t turn) []event {
	whole := message(t)
	reason := whole["stop_reason"]
	whole["content"], whole["stop_reason"] = []any{}, nil
	block, delta := object{"type": "text", "text": ""}, object{"type": "text_delta", "text": ending}
	if t.tool != "" {
		block = object{"type": "tool_use", "id": t.id, "name": t.tool, "input": object{}}
		delta = object{"type": "input_json_delta", "partial_json": t.arguments}
	}
	return []event{
		{"message_start", object{"type": "message_start", "message": whole}},
		{"content_block_start", object{"type": "content_block_start", "index": 0, "content_block": block}},
		{"content_block_delta", object{"type": "content_block_delta", "index": 0, "delta": delta}},
		{"content_block_stop", object{"type": "content_block_stop", "index": 0}},
		{"message_delta", object{"type": "message_delta", "delta": object{"stop_reason": reason, "stop_sequence": nil}, "usage": object{"output_tokens": 5}}},
		{"message_stop", object{"type": "message_stop"}},
	}
}

// Google's generateContent.

func candidate(t turn) object {
	part := object{"text": ending}
	if t.tool != "" {
		part = object{"functionCall": object{"id": t.id, "name": t.tool, "args": json.RawMessage(t.arguments)}}
	}
	return object{
		"candidates":    []any{object{"index": 0, "finishReason": "STOP", "content": object{"role": "model", "parts": []any{part}}}},
		"usageMetadata": object{"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15}, "modelVersion": "stand-in",
	}
}
