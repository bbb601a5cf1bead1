/** The options' values as the configuration has them, by Glance's names; sizes in MiB. */
export interface SwiftStoreTexts {
  readonly swift_store_auth_address?: string | null | undefined;
  readonly swift_store_auth_version?: string | null | undefined;
  readonly swift_store_user?: string | null | undefined;
  readonly swift_store_key?: string | null | undefined;
  readonly swift_store_config_file?: string | null | undefined;
  readonly default_swift_reference?: string | undefined;
  readonly swift_store_auth_insecure?: boolean | undefined;
  readonly swift_store_cacert?: string | null | undefined;
  readonly swift_store_region?: string | null | undefined;
  readonly swift_store_endpoint?: string | null | undefined;
  readonly swift_store_endpoint_type?: string | undefined;
  readonly swift_store_service_type?: string | undefined;
  readonly swift_store_container?: string | undefined;
  readonly swift_store_create_container_on_put?: boolean | undefined;
  readonly swift_store_multi_tenant?: boolean | undefined;
  readonly swift_store_multiple_containers_seed?: number | undefined;
  readonly swift_store_admin_tenants?: readonly string[] | undefined;
  readonly swift_store_large_object_size?: number | undefined;
  readonly swift_store_large_object_chunk_size?: number | undefined;
  readonly swift_store_large_object_type?: 'slo' | 'dlo' | undefined;
  readonly swift_store_temp_url_key?: string | null | undefined;
  readonly swift_store_retry_get_count?: number | undefined;
  readonly swift_store_expire_soon_interval?: number | undefined;
}
