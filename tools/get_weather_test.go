package tools

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/mcp"
)

func TestWeatherDefinition(t *testing.T) { checkDefinition(t, getWeather(Config{}.withDefaults())) }

func TestSampleWeather(t *testing.T) {
	tl := getWeather(Config{}.withDefaults())
	first, isError := call(t, tl, `{"city":"Lisbon"}`)
	want := `{"city":"Lisbon","temperature":{"value":25.6,"unit":"°C"},"condition":"fog",` +
		`"humidity":{"value":52,"unit":"%"},"wind":{"value":49,"unit":"km/h"},"source":"sample"}`
	if first != want || isError {
		t.Errorf("weather\n%s, want\n%s", first, want)
	}
	if again, _ := call(t, tl, `{"city":" lisbon "}`); !strings.EqualFold(again, first) {
		t.Errorf("%s, want the same as %s", again, first)
	}
	if other, _ := call(t, tl, `{"city":"Oslo"}`); strings.ReplaceAll(other, "Oslo", "Lisbon") == first {
		t.Error("Oslo and Lisbon have the same weather")
	}
}

// Sample weather is plausible for every city.
func TestSampleWeatherIsPlausible(t *testing.T) {
	tl := getWeather(Config{}.withDefaults())
	for city := range strings.SplitSeq("Berlin Tokyo Nairobi 東京 São_Paulo a b c d e f g h i j k l m n o p", " ") {
		text, _ := call(t, tl, `{"city":"`+city+`"}`)
		var w weather
		if err := json.Unmarshal([]byte(text), &w); err != nil {
			t.Fatal(err)
		}
		if w.Temperature.Value < -5 || w.Temperature.Value > 35 || w.Humidity.Value < 30 || w.Humidity.Value > 95 ||
			w.Wind.Value < 0 || w.Wind.Value > 60 || w.Condition == "" {
			t.Errorf("%s: %s", city, text)
		}
	}
}

func TestWeatherArguments(t *testing.T) {
	tests := []struct{ arguments, want string }{
		{`{}`, `city is missing`},
		{`{"city":""}`, `city must be a string of 1 to 80 characters such as "Lisbon", got ""`},
		{`{"city":"  "}`, `city is blank; give the name of a city`},
	}
	for _, tt := range tests {
		if got, isError := call(t, getWeather(Config{}.withDefaults()), tt.arguments); got != tt.want || !isError {
			t.Errorf("%s: %s (error %v), want %s", tt.arguments, got, isError, tt.want)
		}
	}
}

func TestWeatherReport(t *testing.T) {
	p := weatherReport()
	if p.Err() != nil || p.Needs() != "get_weather" {
		t.Fatalf("prompt needs %q, %v", p.Needs(), p.Err())
	}
	request := mcp.GetPromptRequest{Params: mcp.GetPromptParams{Arguments: map[string]string{"city": "Oslo"}}}
	result, err := p.Get(t.Context(), request)
	if err != nil || len(result.Messages) != 1 || result.Messages[0].Role != mcp.RoleUser {
		t.Fatalf("prompt %+v, %v", result, err)
	}
	if text := mcp.GetTextFromContent(result.Messages[0].Content); !strings.Contains(text, "weather in Oslo with the get_weather tool") {
		t.Errorf("message %q", text)
	}
	completion, err := p.Complete(t.Context(), mcp.CompleteArgument{Name: "city", Value: "n"}, nil)
	if diff := cmp.Diff([]string{"Nairobi", "New York"}, completion.Values); err != nil || diff != "" {
		t.Errorf("completion: %v (-want +got):\n%s", err, diff)
	}
}
