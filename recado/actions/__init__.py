"""Custom actions: the administrator's HTTP request, from its template to its delivery."""
