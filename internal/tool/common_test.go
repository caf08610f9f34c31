package tool

import (
	"context"
	"strings"
	"testing"
)

// Functions may return pointers to structs, and maps, and their input may be a pointer.
func TestPointersAndMaps(t *testing.T) {
	pointer := New(Info{Name: "x", Description: "x"}, func(_ context.Context, in *place) (*place, error) {
		if in.Lat == 0 {
			return nil, nil
		}
		return in, nil
	})
	dictionary := New(Info{Name: "x", Description: "x"}, func(_ context.Context, in *place) (map[string]place, error) {
		if in.Lat == 0 {
			return nil, nil
		}
		return map[string]place{"a/b": *in}, nil
	})
	withContent := New(Info{Name: "x", Description: "x"}, func(_ context.Context, in place) (Result[*place], error) {
		if in.Lat == 0 {
			return WithContent[*place](nil), nil
		}
		return WithContent(&in), nil
	})
	tests := []struct {
		name            string
		tool            Tool
		arguments, want string
		err             string
	}{
		{"pointer", pointer, `{"lat":1,"lon":2}`, `{"lat":1,"lon":2}`, ""},
		{"nil pointer", pointer, `{"lat":0,"lon":2}`, "", "returned a nil pointer and no error"},
		{"bad arguments", pointer, `{"lat":1}`, "lon is missing", ""},
		{"map", dictionary, `{"lat":1,"lon":2}`, `{"a/b":{"lat":1,"lon":2}}`, ""},
		{"nil map", dictionary, `{"lat":0,"lon":2}`, `{}`, ""},
		{"with content", withContent, `{"lat":1,"lon":2}`, `{"lat":1,"lon":2}`, ""},
		{"nil with content", withContent, `{"lat":0,"lon":2}`, "", "returned a nil pointer and no error"},
	}
	for _, tt := range tests {
		if err := tt.tool.Err(); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		result, err := call(t, tt.tool, tt.arguments)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: %+v, %v, want an error with %q", tt.name, result, err, tt.err)
			}
			continue
		}
		if err != nil || text(t, result) != tt.want {
			t.Errorf("%s: %+v, %v, want %s", tt.name, result, err, tt.want)
		}
	}
	want := `{"type":"object","additionalProperties":` + string(declaredWith[struct{}, place]().Definition().RawOutputSchema) + `}`
	if got := string(dictionary.Definition().RawOutputSchema); got != want {
		t.Errorf("schema of a map %s, want %s", got, want)
	}
}

// Programs read results, so names may be what encoding/json allows in a tag.
func TestNamesInResults(t *testing.T) {
	type output struct {
		Type  string `json:"@type" doc:"x"`
		Ref   string `json:"$ref" doc:"x"`
		Day   int    `json:"24h" doc:"x"`
		Size  int    `json:"größe" doc:"x"`
		Dash  int    `json:"user-id" doc:"x"`
		Words int    `json:"a b" doc:"x"`
	}
	got, err := returning(t, output{"t", "r", 1, 2, 3, 4})
	if want := `{"@type":"t","$ref":"r","24h":1,"größe":2,"user-id":3,"a b":4}`; got != want || err != nil {
		t.Errorf("result %s, %v, want %s", got, err, want)
	}
}
