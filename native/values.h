/* JavaScript's values as C's, and back, for addon.c. A function that has thrown returns NULL, or false. */
#ifndef VALUES_H
#define VALUES_H

#include <node_api.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static napi_value refuse(napi_env env, const char *what)
{
	napi_throw_type_error(env, NULL, what);
	return NULL;
}

/* As an error of Node's own: `error.errno` is negative. */
static napi_value throw_errno(napi_env env, int error)
{
	napi_value message, exception, number;
	if (napi_create_string_utf8(env, strerror(error), NAPI_AUTO_LENGTH, &message) == napi_ok &&
	    napi_create_error(env, NULL, message, &exception) == napi_ok && napi_create_int32(env, -error, &number) == napi_ok &&
	    napi_set_named_property(env, exception, "errno", number) == napi_ok)
		napi_throw(env, exception);
	return NULL;
}

static napi_value number_of(napi_env env, int32_t number)
{
	napi_value value;
	return napi_create_int32(env, number, &value) == napi_ok ? value : NULL;
}

static char *text_of(napi_env env, napi_value value)
{
	size_t length;
	if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok)
		return NULL;
	char *text = malloc(length + 1);
	if (text && napi_get_value_string_utf8(env, value, text, length + 1, &length) == napi_ok)
		return text;
	free(text);
	return NULL;
}

static void free_texts(char **texts)
{
	for (char **text = texts; text && *text; text++)
		free(*text);
	free(texts);
}

/* The strings of object[name], and a NULL. */
static char **texts_of(napi_env env, napi_value object, const char *name)
{
	napi_value list, item;
	uint32_t count;
	if (napi_get_named_property(env, object, name, &list) != napi_ok || napi_get_array_length(env, list, &count) != napi_ok)
		return NULL;
	char **texts = calloc((size_t)count + 1, sizeof *texts);
	for (uint32_t n = 0; texts && n < count; n++)
		if (napi_get_element(env, list, n, &item) != napi_ok || !(texts[n] = text_of(env, item))) {
			free_texts(texts);
			return NULL;
		}
	return texts;
}

/* The numbers of object[name], and room for one more. */
static int *numbers_of(napi_env env, napi_value object, const char *name, uint32_t *count)
{
	napi_value list, item;
	if (napi_get_named_property(env, object, name, &list) != napi_ok || napi_get_array_length(env, list, count) != napi_ok)
		return NULL;
	int *numbers = calloc((size_t)*count + 1, sizeof *numbers);
	for (uint32_t n = 0; numbers && n < *count; n++)
		if (napi_get_element(env, list, n, &item) != napi_ok || napi_get_value_int32(env, item, &numbers[n]) != napi_ok) {
			free(numbers);
			return NULL;
		}
	return numbers;
}

#endif
