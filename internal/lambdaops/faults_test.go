package lambdaops

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"serverless-mcp/internal/emulator/awsfake"
)

// TestFailedCallsAreReported: whichever call to AWS is denied, the tool's result names the
// call.
func TestFailedCallsAreReported(t *testing.T) {
	orders := function("orders", "nodejs18.x")
	orders.Versions, orders.Aliases, orders.Tags = 2, map[string]string{"live": "2"}, map[string]string{"team": "shop"}
	for name, arguments := range map[string]map[string]any{
		"list_functions":   {"states": true, "tag": "team"},
		"get_function":     {"function": "orders"},
		"invoke_function":  {"function": "orders", "confirm": true},
		"upgrade_runtime":  {"function": "orders", "confirm": true},
		"rollback_runtime": {"function": "orders", "confirm": true},
	} {
		run := func(fails string) (w *world, result string) {
			denied := false
			w = newWorld(t, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(op string) *awsfake.Fault {
				if denied && op == fails {
					return &awsfake.Fault{Error: &awsfake.Error{Status: 403, Code: "AccessDeniedException", Message: "no"}}
				}
				return nil
			}}}, orders)
			if name == "rollback_runtime" {
				w.call(t, "upgrade_runtime", map[string]any{"function": "orders", "confirm": true}, nil)
				clear(w.calls)
			}
			denied = true
			var out any
			text, _ := w.call(t, name, arguments, &out)
			structured, err := json.Marshal(out)
			if err != nil {
				t.Fatal(err)
			}
			return w, text + string(structured)
		}
		w, _ := run("")
		for _, op := range slices.Sorted(maps.Keys(w.calls)) {
			if _, result := run(op); !strings.Contains(result, op) || !strings.Contains(result, "AccessDeniedException") {
				t.Errorf("%s: %s was denied, and the result is %.1000s", name, op, result)
			}
		}
	}
}
