import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsISO4217CurrencyCode,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';

/** A line of an order as a plain Nest application declares it: the fields and bounds of command-service. */
export class OrderItemDto {
  @IsString() @Length(1, 100) productId!: string;
  @IsInt() @Min(1) @Max(Number.MAX_SAFE_INTEGER) quantity!: number;
  @IsInt() @Min(0) @Max(Number.MAX_SAFE_INTEGER) unitPrice!: number;
}

/** The body of `POST /v1/orders`, likewise. */
export class CreateOrderDto {
  @IsOptional() @IsUUID() orderId?: string | null;
  @IsUUID() customerId!: string;
  @IsISO4217CurrencyCode() currency!: string;
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @ValidateNested({ each: true })
  @Type(() => OrderItemDto)
  items!: OrderItemDto[];
}
