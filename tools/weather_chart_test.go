package tools

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/tool/tooltest"
)

func TestWeatherChart(t *testing.T) {
	tests := []struct {
		name    string
		weather weather
		filled  [3]int // pixels of each bar, of 144
	}{
		{"middle", weather{Temperature: measure{10, "°C"}, Humidity: measure{50, "%"}, Wind: measure{30, "km/h"}}, [3]int{72, 72, 72}},
		{"least", weather{Temperature: measure{-99, "°C"}}, [3]int{0, 0, 0}},
		{"most", weather{Temperature: measure{99, "°C"}, Humidity: measure{100, "%"}, Wind: measure{200, "km/h"}}, [3]int{144, 144, 144}},
	}
	for _, tt := range tests {
		data, err := tt.weather.chart()
		if err != nil || len(data) > 1000 {
			t.Fatalf("%s: %d bytes, %v", tt.name, len(data), err)
		}
		picture, err := png.Decode(bytes.NewReader(data))
		if err != nil || picture.Bounds().Dx() != chartWidth {
			t.Fatalf("%s: %v, %v", tt.name, picture.Bounds(), err)
		}
		for i, want := range tt.filled {
			y, got := chartMargin+i*27+2, 0
			for x := range chartWidth {
				if picture.At(x, y) == chartColors()[chartWarm+i] {
					got++
				}
			}
			if got != want {
				t.Errorf("%s: bar %d has %d pixels, want %d", tt.name, i, got, want)
			}
		}
	}
}

// The chart is sent in addition to the structured content, for the user.
func TestWeatherWithChart(t *testing.T) {
	tl := getWeather(Config{}.withDefaults())
	plain, _ := tooltest.Call(t, tl, `{"city":"Lisbon"}`)
	result := tooltest.Result(t, tl, `{"city":"Lisbon","chart":true}`)
	if len(result.Content) != 2 {
		t.Fatalf("content %+v, want text and an image", result.Content)
	}
	if text, _ := mcp.AsTextContent(result.Content[0]); text == nil || text.Text != plain {
		t.Errorf("text %+v, want %s", result.Content[0], plain)
	}
	picture, ok := mcp.AsImageContent(result.Content[1])
	if !ok || picture.MIMEType != "image/png" || picture.Annotations == nil || picture.Annotations.Audience[0] != mcp.RoleUser {
		t.Fatalf("content %+v, want an image for the user", result.Content[1])
	}
	if data, err := base64.StdEncoding.DecodeString(picture.Data); err != nil || !bytes.HasPrefix(data, []byte("\x89PNG")) {
		t.Errorf("image %q, %v", data, err)
	}
}
