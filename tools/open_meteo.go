package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"serverless-mcp/internal/tool"
)

// The settings of get_weather's real source. Both are base URLs, without /v1.
const (
	weatherURLSetting   = "TOOL_WEATHER_URL"           // https://api.open-meteo.com; empty means sample data
	geocodingURLSetting = "TOOL_WEATHER_GEOCODING_URL" // where cities are looked up; empty means Open-Meteo's own
)

const (
	weatherTimeout = 5 * time.Second // for a request; there are two in a call
	weatherMaxBody = 64 << 10        // an answer is under 2 KB
)

type weatherSource func(ctx context.Context, city string) (weather, error)

// openMeteo asks an API such as https://open-meteo.com/en/docs, which needs no
// key for non-commercial use. It is nil where none is set.
func openMeteo(cfg Config) (weatherSource, error) {
	base := cfg.Setting(weatherURLSetting)
	if base == "" {
		return nil, nil
	}
	geocoding := cfg.Setting(geocodingURLSetting)
	if geocoding == "" {
		geocoding = "https://geocoding-api.open-meteo.com"
	}
	for name, text := range map[string]string{weatherURLSetting: base, geocodingURLSetting: geocoding} {
		if u, err := url.Parse(text); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
			return nil, fmt.Errorf("%s %q is no http or https URL", name, text)
		}
	}
	client := &http.Client{Timeout: weatherTimeout}
	return func(ctx context.Context, city string) (weather, error) {
		var places struct {
			Results []struct {
				Name      string
				Latitude  float64
				Longitude float64
			}
		}
		query := url.Values{"name": {city}, "count": {"1"}}
		if err := getJSON(ctx, client, geocoding, "v1/search", query, &places); err != nil {
			return weather{}, err
		}
		if len(places.Results) == 0 {
			return weather{}, tool.NotFoundf("there is no place called %q; try another spelling, or a larger place nearby", city)
		}
		place := places.Results[0]
		var forecast struct{ Current *conditions }
		query = url.Values{
			"latitude":  {number(place.Latitude)},
			"longitude": {number(place.Longitude)},
			"current":   {"temperature_2m,relative_humidity_2m,weather_code,wind_speed_10m"},
		}
		if err := getJSON(ctx, client, base, "v1/forecast", query, &forecast); err != nil {
			return weather{}, err
		}
		if forecast.Current == nil {
			return weather{}, errUnusable
		}
		return forecast.Current.weather(place.Name), nil
	}, nil
}

// conditions are the current ones, in Open-Meteo's default units.
type conditions struct {
	Temperature float64 `json:"temperature_2m"`
	Humidity    float64 `json:"relative_humidity_2m"`
	Code        int     `json:"weather_code"`
	Wind        float64 `json:"wind_speed_10m"`
}

func (c conditions) weather(city string) weather {
	return weather{
		City:        city,
		Temperature: measure{c.Temperature, "°C"},
		Condition:   sky(c.Code),
		Humidity:    measure{c.Humidity, "%"},
		Wind:        measure{c.Wind, "km/h"},
		Source:      "open-meteo",
	}
}

// sky words a WMO weather interpretation code, by its tens where those say
// enough.
func sky(code int) string {
	if words, ok := map[int]string{0: "clear sky", 1: "mainly clear", 2: "partly cloudy", 3: "overcast"}[code]; ok {
		return words
	}
	if words, ok := map[int]string{4: "fog", 5: "drizzle", 6: "rain", 7: "snow", 8: "showers", 9: "thunderstorm"}[code/10]; ok {
		return words
	}
	return "unknown"
}

var errUnusable = tool.Errorf("the weather service gave an answer that makes no sense; try again later")

// getJSON asks the service and words its failures for the model: what is not
// its fault, and whether to try again.
func getJSON(ctx context.Context, client *http.Client, base, path string, query url.Values, into any) error {
	address, err := url.JoinPath(base, path)
	if err != nil {
		return fmt.Errorf("address of the weather service: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"?"+query.Encode(), nil)
	if err != nil {
		return fmt.Errorf("request to the weather service: %w", err)
	}
	response, err := client.Do(request)
	if urlErr, ok := errors.AsType[*url.Error](err); ok && urlErr.Timeout() {
		return tool.Errorf("the weather service did not answer within %s; try again later", client.Timeout)
	}
	if err != nil {
		return fmt.Errorf("ask the weather service: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return tool.Errorf("the weather service answered %d; try again later", response.StatusCode)
	}
	if json.NewDecoder(io.LimitReader(response.Body, weatherMaxBody)).Decode(into) != nil {
		return errUnusable
	}
	return nil
}
