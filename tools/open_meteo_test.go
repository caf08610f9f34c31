package tools

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/tool"
)

// Responses of the real service, shortened.
const (
	lisbon = `{"results":[{"id":2267057,"name":"Lisbon","latitude":38.71667,"longitude":-9.13333}]}`
	sunny  = `{"current_units":{"temperature_2m":"°C"},"current":{"time":"2026-11-21T10:00","temperature_2m":17.3,` +
		`"relative_humidity_2m":71,"weather_code":2,"wind_speed_10m":11.4}}`
)

// service starts a fake Open-Meteo with a handler for each of its two endpoints.
func service(t *testing.T, search, forecast http.HandlerFunc) Config {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/search", search)
	mux.HandleFunc("GET /v1/forecast", forecast)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return Config{Setting: setting(map[string]string{weatherURLSetting: server.URL, geocodingURLSetting: server.URL + "/"})}.withDefaults()
}

func responds(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

func fails(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "s3cret", status) }
}

func TestOpenMeteo(t *testing.T) {
	var requests []string
	log := func(next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			requests = append(requests, r.URL.String())
			next(w, r)
		}
	}
	got, isError := call(t, getWeather(service(t, log(responds(lisbon)), log(responds(sunny)))), `{"city":"Lissabon & co"}`)
	want := `{"city":"Lisbon","temperature":{"value":17.3,"unit":"°C"},"condition":"partly cloudy",` +
		`"humidity":{"value":71,"unit":"%"},"wind":{"value":11.4,"unit":"km/h"},"source":"open-meteo"}`
	if got != want || isError {
		t.Errorf("weather\n%s, want\n%s", got, want)
	}
	wantRequests := "[/v1/search?count=1&name=Lissabon+%26+co " +
		"/v1/forecast?current=temperature_2m%2Crelative_humidity_2m%2Cweather_code%2Cwind_speed_10m&latitude=38.71667&longitude=-9.13333]"
	if fmt.Sprint(requests) != wantRequests {
		t.Errorf("requests\n%s, want\n%s", requests, wantRequests)
	}
}

func TestOpenMeteoFailures(t *testing.T) {
	unusable := "the weather service returned an invalid response; try again later"
	tests := []struct {
		name             string
		search, forecast http.HandlerFunc
		want             string
	}{
		{"no such place", responds(`{"generationtime_ms":0.5}`), nil, `there is no place called "Lisbon"; try another spelling, or a larger place nearby`},
		{"search is down", fails(503), nil, "the weather service returned status 503; try again later"},
		{"forecast is down", responds(lisbon), fails(429), "the weather service returned status 429; try again later"},
		{"not JSON", responds("<html>"), nil, unusable},
		{"no conditions", responds(lisbon), responds(`{}`), unusable},
		{"endless", responds(`{"results":[` + strings.Repeat(" ", weatherMaxBody) + `]}`), nil, unusable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			forecast := tt.forecast
			if forecast == nil {
				forecast = func(http.ResponseWriter, *http.Request) { t.Error("the forecast was requested") }
			}
			if got, isError := call(t, getWeather(service(t, tt.search, forecast)), `{"city":"Lisbon"}`); got != tt.want || !isError {
				t.Errorf("%s (error %v), want %s", got, isError, tt.want)
			}
		})
	}
}

func TestOpenMeteoTimeout(t *testing.T) {
	hung := make(chan struct{})
	defer close(hung)
	cfg := service(t, func(_ http.ResponseWriter, r *http.Request) {
		select { // the server waits for its handlers when it closes
		case <-hung:
		case <-r.Context().Done():
		}
	}, responds(sunny))
	o, err := newOpenMeteo(cfg)
	if err != nil {
		t.Fatal(err)
	}
	o.client.Timeout = 50 * time.Millisecond
	_, err = o.weather(t.Context(), "Lisbon")
	if text, _ := tool.ForModel(err); text != "the weather service did not respond in time; try again later" {
		t.Errorf("error %v, want one for the model", err)
	}
}

// An unreachable service is an error for the log, without the argument.
func TestOpenMeteoUnreachable(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	cfg := Config{Setting: setting(map[string]string{weatherURLSetting: gone.URL, geocodingURLSetting: gone.URL})}.withDefaults()
	params := mcp.CallToolParams{RawArguments: []byte(`{"city":"Lisbon"}`)}
	result, err := getWeather(cfg).Handle(t.Context(), mcp.CallToolRequest{Params: params})
	if result != nil || err == nil || !strings.Contains(err.Error(), "call the weather service") ||
		strings.Contains(err.Error(), "Lisbon") {
		t.Errorf("result %+v, error %v, want an error for the log, without the city", result, err)
	}
}

func TestWeatherURLIsChecked(t *testing.T) {
	cfg := Config{Setting: setting(map[string]string{weatherURLSetting: "api.open-meteo.com", geocodingURLSetting: "ftp://x"})}
	err := All(cfg).Check()
	for _, want := range []string{`TOOL_WEATHER_URL "api.open-meteo.com" is not an http`, `TOOL_WEATHER_GEOCODING_URL "ftp://x" is not an http`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

func TestSky(t *testing.T) {
	for code, want := range map[int]string{
		0: "clear sky", 1: "mainly clear", 3: "overcast", 45: "fog", 55: "drizzle", 61: "rain", 75: "snow", 81: "showers",
		95: "thunderstorm", 4: "unknown", -1: "unknown", 100: "unknown",
	} {
		if got := sky(code); got != want {
			t.Errorf("code %d: %s, want %s", code, got, want)
		}
	}
}
