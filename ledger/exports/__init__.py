"""The book for an accountant: CSV, XLSX and Beancount."""
